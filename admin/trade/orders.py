"""订单: the list, the page of an order, parcels, notes, refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aiohttp import web

from admin import confirming
from admin.approvals import code_from, redirect_with_outcome
from admin.guard import may_act, requires, staff_of
from admin.kit import columns as cols
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import Ask, Step
from admin.kit.wanted import Filter, View, Wanted
from admin.public_texts import judge
from admin.texts import TEXTS
from admin.web import (
    command_key,
    done,
    form_errors,
    once,
    page,
    people_of,
    read,
    typed,
    write,
)
from admin.words import (
    DELIVERY_KIND,
    GIFT,
    GIVEN,
    HOLD,
    INVOICE_KIND,
    ORDER,
    ORDER_TABS,
    origin,
)
from domain import (
    adults,
    aftersales,
    approvals,
    audit,
    catalog,
    distribution,
    gifts,
    members,
    orders,
    pickups,
)
from domain.orders import Hold, LineView, OrderCard, OrderDetail, OrderFilter, ShipForm
from domain.staff import StaffSessionInfo
from kernel import clock
from kernel.errors import DomainError
from kernel.money import yuan_grouped
from kernel.text import tracking_of
from kernel.web.forms import Form, query_param, read_form

routes = web.RouteTableDef()
Pieces = tuple[tuple[int, int], ...]  # (id of an order line, number of pieces)
NO = r"/orders/{no:[0-9A-Za-z]{4,40}}"
HELD = "held"
"""The view of orders that wait for an age check, a second person or the gate."""
TO_SHIP = ("paid", "partly_shipped")
HOW_TO_FIND = (
    "订单号可只填开头；快递单号、会员号要填完整；手机号可填全号或后四位；收货人按姓和字数查找。"
)


@dataclass(frozen=True)
class OrderRow:
    """An order, the pictures of its goods, and whether the reader may ship it."""

    order: OrderCard
    pictures: Mapping[Any, Any]
    may_ship: bool
    holds: tuple[Hold, ...] = ()
    gift: tuple[str, datetime | None] | None = None

    @property
    def is_to_ship(self) -> bool:
        """True if the reader may ship the order, and something is left to ship."""
        left = any(line.left_to_ship > 0 for line in self.order.lines)
        can_leave = self.order.state in TO_SHIP and "age" not in self.holds
        can_leave = can_leave and self.order.delivery != pickups.PICKUP
        return self.may_ship and left and can_leave and not self.order.waits_for_address

    @property
    def gift_said(self) -> str:
        """What the gift waits for, since when and until when; "" for other orders."""
        if self.gift is None:
            return ""
        state, until = self.gift
        said = GIFT[state].name
        if state != "waiting" or self.order.paid_at is None or until is None:
            return f"礼物：{said}"
        return f"礼物：{_day_of(self.order.paid_at)} 起等地址，{_day_of(until)} 到期退款"

    @property
    def sum_fen(self) -> int:
        """The paid amount, or the payable amount if nothing was paid."""
        return self.order.paid_fen or self.order.payable_fen


def find(wanted: Wanted) -> Sequence[OrderRow]:
    """Orders of a view, newest first; ``HOW_TO_FIND`` says what the search accepts."""
    found = orders.list_orders(
        OrderFilter(
            tab="all" if wanted.view == HELD else wanted.view,  # type: ignore[arg-type]
            is_held=wanted.view == HELD,
            delivery=wanted.choice("delivery"),
            words=wanted.text("q"),
            placed_from=wanted.since("from"),
            placed_to=wanted.until("to"),
            limit=wanted.limit,
            sort=wanted.sort,
        )
    )
    pictures, may_ship = catalog.pictures_of_lines(found), wanted.who.may("orders.ship")
    holds = orders.holds_of(order.id for order in found)
    given = gifts.facts_of_orders([each.id for each in found if each.delivery == orders.GIFT])
    return [
        OrderRow(each, pictures, may_ship, holds.get(each.id, ()), given.get(each.id))
        for each in found
    ]


def _day_of(instant: datetime) -> str:
    day = clock.business_day(instant)
    return f"{day.month}月{day.day}日"


def _waiting(_: Wanted) -> dict[str, int]:
    found = orders.order_counts()
    return {
        "to_ship": found.get("paid", 0) + found.get("partly_shipped", 0),
        "refunding": found.get("refunding", 0),
        "to_pay": found.get("awaiting_payment", 0),
        HELD: len(orders.held_ids()),
        "gifts": found.get("gifts", 0),
    }


def _refunded(row: OrderRow) -> str:
    refunded = row.order.refunded_fen
    return f"已退 ¥{yuan_grouped(refunded)}" if refunded else ""


def _badges(row: OrderRow) -> list[cols.Badge]:
    """What keeps the order from going on, each in words, and another way of delivery."""
    found: list[cols.Badge] = [("售后中", "warn")] if row.order.is_refunding else []
    kind = row.order.delivery
    found += [] if kind == orders.EXPRESS else [(DELIVERY_KIND[kind], "")]
    return found + [(HOLD[each], "bad") for each in row.holds]


def _to_do(row: OrderRow) -> str:
    return "发货" if row.is_to_ship else "详情"


LIST = ListSpec[OrderRow](
    query=find,
    key=lambda row: row.order.id,
    columns=(
        cols.part("订单", "admin/trade/_order_no.html", lambda row: row.order.order_no, sort="no"),
        cols.when("下单", lambda row: row.order.created_at, on_screen=False),
        cols.part("商品", "admin/trade/_order_goods.html", lambda row: "；".join(
            f"{line.title} {line.spec_text} × {line.quantity}" for line in row.order.lines)),
        cols.text("收货", lambda row: row.order.masked_address or row.gift_said),
        cols.text("礼物", lambda row: row.gift_said, on_screen=False),
        cols.text("配送", lambda row: DELIVERY_KIND[row.order.delivery], on_screen=False),
        cols.money("实付", lambda row: row.sum_fen, note=_refunded, sort="paid"),
        cols.money("商品金额", lambda row: row.order.goods_fen, on_screen=False),
        cols.money("优惠", lambda row: row.order.reduction_fen, on_screen=False),
        cols.money("运费", lambda row: row.order.freight_fen, on_screen=False),
        cols.money("已退", lambda row: row.order.refunded_fen, on_screen=False),
        cols.state("状态", ORDER, lambda row: row.order.state, badges=_badges),
        cols.when("付款", lambda row: row.order.paid_at, on_screen=False),
        cols.when("发货", lambda row: row.order.shipped_at, on_screen=False),
        cols.text("来源", lambda row: origin(row.order.source), on_screen=False),
        cols.text("入口", lambda row: origin(row.order.medium), on_screen=False),
        cols.text("买家备注", lambda row: row.order.note, on_screen=False),
        cols.text("贺卡", lambda row: row.order.greeting, on_screen=False),
        cols.text("发票", lambda row: INVOICE_KIND.get(row.order.invoice_kind, ""),
                  on_screen=False),
        cols.text("发票抬头", lambda row: row.order.invoice_title, on_screen=False),
        cols.code("税号", lambda row: row.order.invoice_tax_no, on_screen=False),
        cols.text("商家备注", lambda row: row.order.merchant_note, on_screen=False),
        cols.act(_to_do),
    ),
    unit="单",
    href=lambda row: f"/admin/orders/{row.order.order_no}",
    views=(*(View(key, label) for key, label in ORDER_TABS), View(HELD, "被暂停")),
    counts=_waiting,
    filters=(
        Filter("q", "订单号 / 快递单号 / 会员号 / 手机号或后四位 / 收货人", is_wide=True),
        Filter("delivery", "配送", "choice", tuple(DELIVERY_KIND.items())),
        Filter("from", "下单自", "day"), Filter("to", "至", "day"),
    ),
    buttons=(Button("批量发货", "/admin/orders/ship-sheet", "orders.ship"),),
    empty=Empty("没有订单", "顾客下单后会出现在这里。", not_found=HOW_TO_FIND),
    template="admin/trade/orders.html",
    more=lambda _, rows: {"can_tick": any(row.is_to_ship for row in rows)},
    has_file=True,
)  # fmt: skip


@routes.get(NO)
@requires("orders.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """Show an order: lines, payments, parcels, cases, commission, steps."""
    return await _detail_page(request, None)


@routes.post(f"{NO}/address")
@requires("orders.personal")
async def address(request: web.Request) -> web.StreamResponse:
    """Show the full address for the label; each view is recorded."""
    opened = await write(request, orders.delivery_address, request.match_info["no"])
    return await _detail_page(request, opened)


@routes.post(f"{NO}/ship")
@requires("orders.ship")
async def ship(request: web.Request) -> web.StreamResponse:
    """Ship a parcel with all or some of the remaining pieces; a refusal keeps the typed values."""
    form = await read_form(request)
    company = form.text("company", most=24)
    number = tracking_of(form.text("tracking_no", most=60))
    found = await read(request, orders.order_detail_for_merchant, request.match_info["no"])
    lines = _counts(form, "n", [line.id for line in found.lines if line.left_to_ship])
    wrong = next(iter(form_errors(form).values()), "")
    if not wrong and not lines:
        wrong = TEXTS.text("nothing_to_ship")
    if not wrong:
        parcel, body = ShipForm(company, number, lines), [found.id, company, number, lines]
        try:
            key = command_key(request, form, "ship", body)
            await once(request, key, orders.ship_parcel, found.id, parcel)
        except DomainError as error:
            wrong = TEXTS.of(error)
    if wrong:
        return await _detail_page(request, None, form.values, f"未完成：{wrong}")
    return await done(request, f"已发货：{company} {number}", _url(request))


def note(ask: Ask, text: str) -> str:
    """Save a note that only the merchant sees."""
    orders.write_merchant_note(orders.order_id_of(ask.places["no"]), text)
    return "备注已保存"


def extend(ask: Ask, days: int) -> str:
    """Give the buyer more days to confirm receipt."""
    orders.extend_receipt(orders.order_id_of(ask.places["no"]), days)
    return f"已延长收货 {days} 天"


def _note(form: Form) -> str:
    return form.prose("note", most=200, required=False)


def _days(form: Form) -> int:
    return form.count("days", least=1, most=30)


ONE = "/admin/orders/{no}"
STEPS = (
    Step(f"{NO}/note", "orders.ship", note, ONE, _note),
    Step(f"{NO}/extend", "orders.ship", extend, ONE, _days),
)


@routes.post(f"{NO}/refund")
@requires("refunds.propose", acts="orders.refund")
async def refund(request: web.Request) -> web.StreamResponse:
    """Refund an order fully or partly, after the word was typed and the sum was confirmed.

    The refund becomes a proposal if the person may only propose, or would exceed a ceiling.
    """
    form, url = await read_form(request), _url(request)
    typed(form, "退款")
    why, told = form.text("reason", most=200), form.public("told", most=200, required=False)
    found = await read(request, orders.order_detail_for_merchant, request.match_info["no"])
    items, amount = _refund_wish(form, [line.id for line in found.lines])
    seen_fen = confirming.confirmed_fen(form)
    await judge(request, form)
    if not form.is_valid:
        return await _refund_refused(request, form, next(iter(form_errors(form).values())))
    args = (found.order_no, items, why, amount, seen_fen)
    try:
        if seen_fen is None:
            return await _confirm_refund(request, form, found, items, amount)
        asked = await code_from(request, seen_fen)
        if asked is not None:
            return asked
        verb, is_act = aftersales.refund_by_hand, may_act(request)
        key = command_key(request, form, "refund_by_hand", (*args, told))
        made = await once(request, key, verb, *args, told=told, may_act=is_act)
    except DomainError as error:
        if error.code == "sum_changed":
            return await _confirm_refund(request, form, found, items, amount, TEXTS.of(error))
        return await _refund_refused(request, form, TEXTS.of(error))
    said = f"退款 ¥{yuan_grouped(made['fen'])} 已发起，结果以微信支付为准"
    return await redirect_with_outcome(request, made, said, url)


async def _refund_refused(request: web.Request, form: Form, why: str) -> web.Response:
    """The order's page with the typed values and the reason of the refusal."""
    return await _detail_page(request, None, None, f"未完成：{why}", form.values)


def _refund_wish(form: Form, line_ids: list[int]) -> tuple[Pieces, int | None]:
    """The typed pieces by line and the typed amount in fen; contradicting input is a mistake."""
    scope = form.choice("scope", ("all", "part"))
    items = _counts(form, "q", line_ids)
    money = tuple((i, 0) for i in line_ids if form.raw(f"money{i}"))
    amount = form.fen("amount", least=1) if form.raw("amount").strip() else None
    if scope == "all" and (items or money or amount is not None):
        form.fail("scope", "refund_scope_mixed")
    elif items and money:
        form.fail("scope", "refund_two_ways")
    elif scope == "part" and money and amount is None:
        form.fail("amount", "money_without_amount")
    elif scope == "part" and not items and not money:
        form.fail("scope", "refund_nothing")
    return items or money, amount


async def _confirm_refund(
    request: web.Request, form: Form, found: Any, items: Pieces,
    amount: int | None, note: str = "",
) -> web.StreamResponse:  # fmt: skip
    """The page that asks to confirm the sum of a refund and its receiver."""
    sums = await read(request, aftersales.preview_refund, found.order_no, items, amount)
    buyer = await read(request, members.member_detail, found.member_id)
    counts = dict(items)
    facts = [("退给", f"{buyer.masked_name}（原路退回微信支付）"), ("订单", found.order_no)]
    for line in found.lines:
        if line.id in counts:
            what = f"退 {counts[line.id]} 件" if counts[line.id] else "只退金额，不退货"
            facts.append((f"{line.title} {line.spec_text}".strip(), what))
    facts += [] if items else [("范围", "全部未退的商品")]
    facts += [("含运费", f"¥{yuan_grouped(sums.freight_fen)}")] if sums.freight_fen else []
    facts.append(("给买家的说明", form.raw("told").strip() or "没有写"))
    facts.append(("原因（仅内部可见）", form.raw("reason").strip()))
    total = f"¥{yuan_grouped(sums.total_fen)}"
    button = f"确认退款 {total}" if may_act(request) else f"申请退款 {total}"
    look = confirming.ConfirmPage(
        "核对退款", f"将退款 {total}", facts, button, _url(request), note
    )
    return await confirming.confirm_page(request, form, sums.total_fen, look)


async def _detail_page(
    request: web.Request, opened: dict[str, str] | None, shipping: dict[str, str] | None = None,
    wrong: str = "", refunding: dict[str, str] | None = None,
) -> web.Response:  # fmt: skip
    no = request.match_info["no"]
    found = await read(request, _detail_context, no, staff_of(request))
    found |= {"flash": wrong} if wrong else {}
    response = await page(
        request,
        "admin/trade/order.html",
        status=422 if wrong else 200,
        opened=opened,
        companies=orders.COMPANIES,
        shipping=shipping or {},
        refunding=refunding or {},
        **found,
    )
    if opened is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _detail_context(order_no: str, who: StaffSessionInfo) -> dict[str, Any]:
    order = orders.order_detail_for_merchant(order_no)
    is_collected = order.delivery == pickups.PICKUP
    cases = aftersales.list_cases_of_order(order.id)
    sees_selling = who.may("distribution.see")
    return {
        "order": order,
        "pickup": pickups.pickup_of_order(order.id) if is_collected else None,
        "buyer": members.member_detail(order.member_id),
        "age_doubt_id": _age_doubt(order),
        "holds": orders.holds_of([order.id]).get(order.id, ()),
        "payments": orders.payments_of(order.id),
        "refunds": orders.refunds_of(order.id),
        "cases": cases,
        "commission": distribution.list_commission_of_order(order.id) if sees_selling else [],
        "proposals": approvals.list_proposals_about(
            [f"order:{order.order_no}", *(f"case:{c.id}" for c in cases)], 3
        ),
        "changes": audit.timeline("order", order.id, limit=20),
        "people": people_of(step.actor for step in order.log),
        "gift": gifts.gift_of_order(order.id) if order.delivery == orders.GIFT else None,
        "pics": catalog.pictures_of_lines([order]),
        "titles": {line.id: _title(line) for line in order.lines},
    }


def _age_doubt(order: OrderDetail) -> int | None:
    """The doubt that holds the order, if it has liquor."""
    has_liquor = any(line.is_liquor for line in order.lines)
    return adults.open_doubt_id(order.member_id) if has_liquor else None


def _title(line: LineView) -> str:
    """The title of a line; a given line is marked, because a bought one may have the same SKU."""
    name = f"{line.title} {line.spec_text}".strip()
    return f"{name}（{GIVEN[line.kind]}）" if line.is_given else name


def _counts(form: Form, prefix: str, line_ids: list[int]) -> Pieces:
    """The typed pieces by line; lines that are empty or 0 are left out."""
    found = []
    for line_id in line_ids:
        name = f"{prefix}{line_id}"
        if not form.raw(name).strip():
            continue
        n = form.count(name, least=0, most=9_999)
        if n:
            found.append((line_id, n))
    return tuple(found)


def _url(request: web.Request) -> str:
    return f"/admin/orders/{request.match_info['no']}"


def _day(request: web.Request, name: str) -> date | None:
    try:
        text = query_param(request, name)
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
