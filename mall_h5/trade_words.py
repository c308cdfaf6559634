"""Texts about orders and after-sales for shoppers: states, steps, reasons, prices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from markupsafe import Markup, escape

from domain import logistics
from domain.aftersales import Ask
from domain.catalog import Choices, choose
from domain.orders import EXPRESS, GIFT, LogView, OrderCard, Tab
from domain.pickups import PICKUP
from domain.pricing import Quote
from kernel import catalogues, clock, rich_text
from kernel.clock import SHANGHAI
from kernel.money import yuan
from kernel.web.templates import picture_view

TEXT = catalogues.of("mall")


@dataclass(frozen=True)
class State:
    """A state in the buyer's words: its title and tone, and what happens next."""

    title: str
    tone: str = ""
    note: str = ""
    automatic: str = ""  # what happens at the deadline


@dataclass(frozen=True)
class Choice:
    """Something to choose, with a line that explains it."""

    title: str
    note: str = ""


ORDERS = TEXT.badges("order.state")
HEADS = TEXT.records("order.head", State)
TABS = cast("tuple[tuple[Tab, str], ...]", tuple(TEXT.names("order.tab").items()))
STEPS = tuple(TEXT.names("order.step").values())
STEP_OF = {"awaiting_payment": 0, "paid": 1, "partly_shipped": 1, "shipped": 2, "received": 3,
           "completed": 4}  # fmt: skip
CANCELLED = TEXT.names("order.cancelled")
LOG = TEXT.names("order.log")
GIVEN = TEXT.names("line.given")
KINDS = cast("dict[Ask, Choice]", TEXT.records("case.kind", Choice))
REASONS = tuple(TEXT.names("case.reason").items())
FREIGHT_BY = TEXT.names("case.freight_by")
CASES = TEXT.records("case.state", State)
CASE_LOG = TEXT.names("case.log")
CASE_DECISION = TEXT.names("case.decision")
TICKETS = TEXT.records("ticket.state", State)
COMPANIES = (
    "顺丰速运", "京东快递", "中通快递", "圆通速递", "申通快递", "韵达快递", "极兔速递", "邮政EMS",
    "德邦快递", "其他",
)  # fmt: skip
ADJUSTMENTS = TEXT.names("price.step")
CHOICES = TEXT.names("price.choice")
UNUSED = TEXT.names("price.unused")
INVOICES = TEXT.names("order.invoice")
BLOCKED = TEXT.names("order.blocked")
WAYS = TEXT.names("order.delivery")
GIFTS = TEXT.badges("gift.state")
GIFT_WAITS = TEXT.records("gift.head", State)["waiting"]
GIFT_PARCEL = TEXT.names("gift.parcel")
PICKUPS = TEXT.badges("pickup.state")
PICKUP_HEADS = TEXT.records("pickup.head", State)
PICKUP_STEPS = tuple(TEXT.names("pickup.step").values())
DAYS = TEXT.names("pickup.day")


def offers_off(adjustments: Iterable[Any]) -> list[tuple[str, str, int]]:
    """The reductions by offers as (step, name, fen), summed; of a quote or of a stored line."""
    sums: dict[tuple[str, str], int] = {}
    for each in adjustments:
        a = each if isinstance(each, dict) else vars(each)
        key = (str(a["step"]), str(a["label"]))
        sums[key] = sums.get(key, 0) + int(a["fen"])
    return [(step, label, fen) for (step, label), fen in sums.items()]


def line_note(adjustments: Iterable[Any]) -> str:
    """The reductions of one line by offers, in one sentence."""
    return "，".join(f"{label} −¥{yuan(fen)}" for _, label, fen in offers_off(adjustments))


FREIGHT_NOTES = {PICKUP: "到店自提", GIFT: "按全国价，寄到哪里都不再变"}
"""What is said beside the freight of an order that goes to no address of the buyer's."""


def quote_rows(
    quote: Quote, province: str | None, delivery: str = EXPRESS
) -> list[tuple[str, int, str]]:
    """The rows of a quote's price breakdown as (label, fen, note)."""
    pieces = sum(line.quantity for line in quote.lines)
    rows = _rows(quote.goods_fen, pieces, [a for x in quote.lines for a in x.adjustments])
    if delivery != EXPRESS:
        return [*rows, ("运费", quote.freight_fen, FREIGHT_NOTES[delivery])]
    note = "" if province else "按收货地区核算，偏远地区另加"
    if quote.free_freight_missing_fen:
        note = f"还差 ¥{yuan(quote.free_freight_missing_fen)} 免运费"
        note += "" if province else "，偏远地区另加"
    elif quote.freight_fen == 0 and province:
        note = "包邮"
    if quote.days is not None:
        note += f"{'，' if note else ''}发货后{days_words(quote.days)}送达"
    return [*rows, ("运费", quote.freight_fen, note)]


def days_words(days: tuple[int, int]) -> str:
    """After how many days goods arrive: 2–4 天."""
    first, last = days
    return f" {last} 天内" if first in (0, last) else f" {first}–{last} 天"


def cart_rows(quote: Quote, province: str | None) -> list[tuple[str, int, str]]:
    """The rows of a cart's price: goods, reduction, freight."""
    goods, *_, freight = quote_rows(quote, province)
    less = [("优惠", -quote.reduction_fen, "")] if quote.reduction_fen else []
    return [(goods[0], goods[1], ""), *less, freight]


def order_rows(order: OrderCard) -> list[tuple[str, int, str]]:
    """The rows of an order's price breakdown as (label, fen, note)."""
    adjustments = [a for line in order.lines for a in line.adjustments]
    rows = _rows(order.goods_fen, order.count, adjustments)
    free = "到店自提" if order.delivery == PICKUP else "包邮"
    return [*rows, ("运费", order.freight_fen, "" if order.freight_fen else free)]


def _rows(goods_fen: int, pieces: int, adjustments: Sequence[Any]) -> list[tuple[str, int, str]]:
    rows = [("商品金额", goods_fen, f"{pieces} 件")]
    rows += [(label, -fen, ADJUSTMENTS.get(step, "")) for step, label, fen in
             offers_off(adjustments)]  # fmt: skip
    return rows


def why_unused(offer: Any) -> str:
    """Why an offer is not applied."""
    return UNUSED[offer.reason].format(
        missing=yuan(offer.missing_fen), lost=yuan(offer.lost_fen), pieces=offer.missing_pieces
    )


def order_log(log: Sequence[LogView]) -> list[tuple[Any, str, str]]:
    """An order's steps for the timeline as (instant, title, detail), newest first."""
    return [(g.at, _log_title(g), _log_detail(g)) for g in reversed(log)]


def _log_title(entry: LogView) -> str:
    if entry.why == "extended":
        return LOG["extended"]
    if entry.to_state == "received" and entry.why == "timeout":
        return LOG["received_by_itself"]
    if entry.why in ("accept", "friend"):
        return LOG["accepted" if entry.why == "accept" else "received_by_friend"]
    return LOG.get(entry.to_state, "状态更新")


def _log_detail(entry: LogView) -> str:
    facts = entry.facts or {}
    if facts.get("tracking_no"):
        return f"{facts.get('company', '')} {facts['tracking_no']}"
    if entry.to_state == "cancelled":
        return CANCELLED.get(entry.why, "")
    return ""


def card_lines(lines: Iterable[Any], pics: Any, price: str = "unit_price_fen") -> list[Any]:
    """The lines of an order or a case as its card in a list draws them."""
    return [
        {
            "name": line.title, "spec": line.spec_text, "price_fen": getattr(line, price),
            "quantity": line.quantity,
            "picture": picture_view(pics.get(line.picture_id), line.title),
        }
        for line in lines
    ]  # fmt: skip


def open_words(hours: Sequence[str]) -> str:
    """Whether a place is open now, and until when: 营业中，至 21:00."""
    now = logistics.opening(hours, clock.now())
    if now.at is None:
        return "暂停营业"
    at = now.at.astimezone(SHANGHAI)
    if now.is_open:
        return f"营业中，至 {at:%H:%M}"
    is_today = at.date() == clock.business_day(clock.now())
    day = "今天" if is_today else DAYS[str(at.weekday())]
    return f"休息中，{day} {at:%H:%M} 营业"


def week_words(hours: Sequence[str]) -> list[tuple[str, str]]:
    """The hours of a week, days with the same hours together: 周一至周五, 09:00-21:00."""
    days: list[tuple[str, list[str]]] = []
    for number, text in enumerate(hours):
        if days and days[-1][0] == text:
            days[-1][1].append(DAYS[str(number)])
        else:
            days.append((text, [DAYS[str(number)]]))
    return [
        (f"{names[0]}至{names[-1]}" if len(names) > 1 else names[0], text or "休息")
        for text, names in days
    ]


def line_marks(line: Any) -> list[str]:
    """What is marked at an order's line: given away, paid back or claimed, not to be returned."""
    marks = [GIVEN[line.kind]] if line.is_given else []
    if line.refunded:
        marks.append(f"已退 {line.refunded} 件 ¥{yuan(line.refunded_fen)}")
    elif line.claimed:
        marks.append(f"售后中 {line.claimed} 件")
    return [*marks, "不支持无理由退货"] if line.is_return_exempt else marks


def sku_options(skus: Iterable[Any]) -> list[dict[str, Any]]:
    """The SKUs of a product as its sheet offers them."""
    return [
        {
            "id": sku.id, "label": sku.spec_text or "标准", "price_fen": sku.price_fen,
            "available": not sku.is_sold_out,
            "note": "，".join(filter(None, (sku.label, sku.is_low and f"仅剩 {sku.left} 件"))),
        }
        for sku in skus
    ]  # fmt: skip


class Chip(NamedTuple):
    """A value of a specification; ``sku_id`` is the SKU to which it leads, None for none."""

    text: str
    sku_id: int | None
    is_chosen: bool
    is_sold_out: bool


def spec_chips(product: Any, chosen: Any) -> list[tuple[Any, list[Chip]]]:
    """Each specification with a chip for each of its values, beside the chosen SKU."""
    skus = {sku.choices: sku for sku in product.skus}
    return [
        (spec, [_chip(skus, chosen.choices, place, value) for value in spec.values])
        for place, spec in enumerate(product.specs)
    ]


def _chip(skus: Mapping[Choices, Any], now: Choices, place: int, value: str) -> Chip:
    found = choose(now, place, value, skus)
    if found is None:
        return Chip(value, None, is_chosen=False, is_sold_out=False)
    sku = skus[found]
    return Chip(value, sku.id, now[place] == value, sku.is_sold_out)


def product_facts(product: Any, seller: str) -> list[tuple[str, str]]:
    """规格参数 of a product: what it states itself, between what every product has."""
    sizes = "、".join(sku.spec_text for sku in product.skus if sku.spec_text)
    first = [
        ("品牌", product.brand),
        ("分类", product.category.name),
        ("酒精度", product.strength),
    ]
    last = [("规格", sizes or "标准"), ("销售者", seller)]
    return [(name, text) for name, text in (*first, *product.facts, *last) if text]


def story(product: Any) -> Markup:
    """The rich detail of a product as HTML (图文详情); its pictures are loaded when they near."""
    pictures = {each.id: each for each in product.story_pictures}
    return Markup(rich_text.drawn(product.story, pictures, _story_picture))  # noqa: S704 - cleaned


def _story_picture(ref: Any, alt: str) -> str:
    """A picture whose place is kept from the beginning, so that nothing jumps."""
    view = picture_view(ref)
    assert view is not None
    sizes = "(min-width: 640px) 640px, 100vw"
    return (
        f'<picture><source type="image/webp" srcset="{view.srcset_webp}" sizes="{sizes}">'
        f'<img src="{view.src}" srcset="{view.srcset_jpeg}" sizes="{sizes}" width="{view.width}" '
        f'height="{view.height}" alt="{escape(alt)}" loading="lazy" decoding="async"></picture>'
    )


def case_kind(case: Any) -> str:
    """What a case asks for; a refund of no pieces is a refund of an amount."""
    is_part = case.kind == "refund_only" and not any(line.quantity for line in case.lines)
    asked: Ask = "part" if is_part else case.kind
    return KINDS[asked].title


def case_log(log: Sequence[Any]) -> list[tuple[Any, str, str]]:
    """A case's steps for the timeline as (instant, title, detail), newest first."""
    return [(g.at, CASE_LOG.get(g.to_state, "状态更新"), _by_itself(g)) for g in reversed(log)]


def _by_itself(entry: Any) -> str:
    return CASE_DECISION.get(entry.why, "") if entry.actor == "system" else ""


def moment(instant: datetime) -> str:
    """An instant in Shanghai as people say it: 11月30日 20:00."""
    local = instant.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "gift_word": lambda state: GIFTS.get(state, catalogues.Badge(state)),
    "gift_parcel": lambda state: GIFT_PARCEL.get(state, ""),
    "open_words": open_words,
    "week_words": week_words,
    "pickup_word": lambda state: PICKUPS[state],
    "order_word": lambda state: ORDERS.get(state, catalogues.Badge(state)),
    "case_word": lambda state: CASES.get(state, State(state)),
    "case_kind": case_kind,
    "case_decision": lambda code: CASE_DECISION[code],
    "freight_by": lambda who: FREIGHT_BY[who],
    "case_reason": lambda code: dict(REASONS).get(code, "商家主动退款"),
    "card_lines": card_lines,
    "line_marks": line_marks,
    "line_note": line_note,
    "sku_options": sku_options,
    "product_facts": product_facts,
    "story": story,
    "spec_chips": spec_chips,
    "ticket_word": lambda state: TICKETS.get(state, State(state)),
    "invoice_kind": lambda kind: INVOICES[kind],
    "why_blocked": lambda why: BLOCKED[why],
    "why_unused": why_unused,
}
