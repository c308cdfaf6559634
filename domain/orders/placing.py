"""Placing an order: it is checked, priced and its goods are reserved in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from domain import adults, cart, catalog, legal, members, reservations, settings
from domain.catalog import SkuLine, StockShort
from domain.members import AddressForm
from domain.orders import rules
from domain.orders.addressing import hashes_of_address
from domain.orders.deliveries import Destination, columns_of, delivery_kind
from domain.orders.events import OrderPlaced
from domain.orders.origins import DIRECT
from domain.orders.reserving import reserving_lines
from domain.orders.rules import BOUGHT, EXPRESS, Given, PlaceOrder
from domain.orders.service import mark_paid
from domain.orders.steps import write_log
from domain.pricing import Quote, QuotedLine, quote_goods
from domain.promotions import NO_CHOICES, Choices
from domain.reservations import Claim, ReservingLine, ReservingOrder
from domain.settings import Trade
from kernel import clock, events, ids
from kernel.errors import Conflict, Invalid, NotFound
from kernel.people_hashes import rehash
from kernel.store import in_lane, insert_row, insert_rows
from models import Order, OrderLine


def place_order(
    form: PlaceOrder, claims: Sequence[Claim] = (), given: Sequence[Given] = ()
) -> dict[str, Any]:
    """Place an order at the price that the buyer saw (下单).

    ``claims`` are what the price uses beside the goods, such as a coupon or points. ``given`` are
    goods at 0 fen, each a line of its own. Returns ``order_no``, ``order_id`` and ``payable_fen``.
    Raises Invalid (quantity, age, exemption, choice), NotFound (another's address), Conflict
    ('price_changed', 'not_for_sale', 'not_delivered') and StockShort; nothing is changed then.
    """
    switches = settings.get(Trade)
    items = rules.checked_items(form.items, switches.max_line_quantity, switches.max_cart_lines)
    note, wishes = rules.checked_note(form.note), rules.checked_wishes(form.wishes)
    if (note, wishes) != (form.note, form.wishes):
        form = replace(form, note=note, wishes=wishes)
    goods = _goods(items)
    presents = _skus_of_given(given, switches)
    _check_consents(form, [sku for sku, _ in goods], [sku for sku, _ in presents])
    _refuse_sold_out(goods)
    kind = delivery_kind(form.delivery)
    destination = kind.destination(form)
    quote = quote_goods(
        goods,
        destination.place,
        form.member_id,
        form.choices,
        is_binding=True,
        has_freight=kind.has_freight,
    )
    _refuse_undelivered(goods, quote)
    if quote.payable_fen != form.expected_payable_fen:
        raise Conflict(
            "price_changed",
            "expected_payable_fen",
            payable_fen=quote.payable_fen,
            expected_fen=form.expected_payable_fen,
        )
    order_no = ids.out_number("ORD")
    order_id = _insert_order(form, order_no, quote, destination, switches)
    write_log(
        order_id,
        None,
        "awaiting_payment",
        "placed",
        actor=f"member:{form.member_id}",
        facts={
            "is_adult": form.is_adult,
            "exempt_confirmed": list(form.exempt_confirmed),
            "terms_version": form.terms_version,
        },
    )
    if form.cart_owner is not None:
        cart.remove(form.cart_owner, [sku_id for sku_id, _ in items])
    # Stock is held late, so that a popular SKU's row is locked for a short time only. It is held
    # before the lines are inserted: on MariaDB a line's foreign key takes a shared lock on the
    # SKU's row, and two transactions that share it can't both change it.
    # Reservations other than stock are recorded after the lines, whose ids they name.
    lines = _bought_line_values(goods, quote.lines) + _given_line_values(presents)
    taken = reservations.hold(_reserving_order(order_id, order_no, form.member_id, lines), claims)
    insert_rows(OrderLine, [{"order": order_id} | line for line in lines])
    if taken:
        reservations.record(order_id, [line.line_id for line in reserving_lines(order_id)], taken)
    kind.placed(order_id, form)
    events.publish(OrderPlaced(order_id, form.member_id))
    if quote.payable_fen == 0:
        mark_paid(order_id, 0)
    return {"order_no": order_no, "order_id": order_id, "payable_fen": quote.payable_fen}


def rehash_orders(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Make the hashes of receivers anew under the present secret; see ``rehash``."""
    return rehash(
        Order,
        hashes_of_address,
        after_id,
        limit,
    )


def preview_order(
    items: Sequence[tuple[int, int]],
    place: str | None = None,
    member_id: int | None = None,
    choices: Choices = NO_CHOICES,
    delivery: str = EXPRESS,
) -> tuple[list[tuple[SkuLine, int]], Quote]:
    """The goods and the quote that checkout shows; nothing is reserved (结算预览).

    ``place`` is as for ``quote_goods``, ``delivery`` the kind of delivery.
    """
    switches = settings.get(Trade)
    checked = rules.checked_items(items, switches.max_line_quantity, switches.max_cart_lines)
    goods = _goods(checked)
    has_freight = delivery_kind(delivery).has_freight
    return goods, quote_goods(goods, place, member_id, choices, has_freight=has_freight)


@dataclass(frozen=True)
class Blocked:
    """Goods that can't be bought now: off the shelf, sold out, or not sent to the place."""

    sku_id: int
    quantity: int
    title: str
    why: Literal["gone", "sold_out", "not_delivered"]


def blocked_items(
    items: Sequence[tuple[int, int]],
    place: str | None = None,
    member_id: int | None = None,
    delivery: str = EXPRESS,
) -> list[Blocked]:
    """Those of the items that can't be bought now, with the reason; the others can go on."""
    skus = catalog.sku_lines([sku_id for sku_id, _ in items])
    found, open_ones = [], []
    for sku_id, n in items:
        sku = skus.get(sku_id)
        if sku is None or not sku.is_for_sale:
            found.append(Blocked(sku_id, n, sku.title if sku else "", "gone"))
        elif sku.left <= 0:
            found.append(Blocked(sku_id, n, sku.title, "sold_out"))
        else:
            open_ones.append((sku, n))
    is_sent = bool(open_ones) and delivery_kind(delivery).has_freight
    far = quote_goods(open_ones, place, member_id).undelivered if is_sent else ()
    found += [
        Blocked(sku.sku_id, n, sku.title, "not_delivered")
        for sku, n in open_ones
        if sku.sku_id in far
    ]
    return found


def _reserving_order(
    order_id: int, order_no: str, member_id: int, lines: Sequence[dict[str, Any]]
) -> ReservingOrder:
    taken = tuple(ReservingLine(each["sku"], each["quantity"], each["kind"]) for each in lines)
    return ReservingOrder(order_id, order_no, member_id, taken)


def _goods(items: Sequence[tuple[int, int]]) -> list[tuple[SkuLine, int]]:
    skus = catalog.sku_lines([sku_id for sku_id, _ in items])
    for sku_id, _ in items:
        if sku_id not in skus:
            raise NotFound("sku_missing", "items", sku_id=sku_id)
        if not skus[sku_id].is_for_sale:
            raise Conflict("not_for_sale", "items", sku_id=sku_id, title=skus[sku_id].title)
    return [(skus[sku_id], n) for sku_id, n in items]


def _skus_of_given(given: Sequence[Given], trade: Trade) -> list[tuple[SkuLine, Given]]:
    """The SKUs of given goods, which need not be on the shelf."""
    if not given:
        return []
    rules.checked_given(given, trade.max_line_quantity, trade.max_cart_lines)
    skus = catalog.sku_lines([each.sku_id for each in given])
    for each in given:
        if each.sku_id not in skus:
            raise NotFound("sku_missing", "given", sku_id=each.sku_id)
    return [(skus[each.sku_id], each) for each in given]


def _refuse_sold_out(goods: Sequence[tuple[SkuLine, int]]) -> None:
    """Refuse sold-out goods by a read, before any lock; ``hold_stock`` decides all other cases."""
    for sku, _ in goods:
        if sku.left <= 0:
            raise StockShort("stock_short", "quantity", sku_id=sku.sku_id, left=0, title=sku.title)


def _refuse_undelivered(goods: Sequence[tuple[SkuLine, int]], quote: Quote) -> None:
    """Raises Conflict('not_delivered') for goods whose freight template leaves the place out."""
    for sku, _ in goods:
        if sku.sku_id in quote.undelivered:
            raise Conflict("not_delivered", "address", sku_id=sku.sku_id, title=sku.title)


def _check_consents(
    form: PlaceOrder, skus: Sequence[SkuLine], presents: Sequence[SkuLine]
) -> None:
    """Liquor needs a buyer of full age; return-exempt goods need the buyer's confirmation.

    Raises Invalid('adult_unconfirmed', 'exemption_unconfirmed'), Conflict('age_unproven').
    """
    if any(sku.is_liquor for sku in (*skus, *presents)):
        if not form.is_adult:
            raise Invalid("adult_unconfirmed", "is_adult")
        adults.refuse_if_held(form.member_id)
    open_ones = [
        sku.sku_id
        for sku in skus
        if sku.is_return_exempt and sku.sku_id not in form.exempt_confirmed
    ]
    if open_ones:
        raise Invalid("exemption_unconfirmed", "exempt_confirmed", sku_ids=open_ones)


def _insert_order(
    form: PlaceOrder, order_no: str, quote: Quote, to: Destination, trade: Trade
) -> int:  # fmt: skip
    now = clock.now()
    return insert_row(
        Order,
        order_no=order_no,
        member=form.member_id,
        delivery=form.delivery,
        goods_fen=quote.goods_fen,
        reduction_fen=quote.reduction_fen,
        freight_fen=quote.freight_fen,
        payable_fen=quote.payable_fen,
        note=form.note,
        **vars(form.wishes),
        **columns_of(to),
        source=DIRECT,
        medium=DIRECT,
        created_at=now,
        pay_by_at=rules.pay_by(now, trade.pay_within_minutes),
    )


def _bought_line_values(
    goods: Sequence[tuple[SkuLine, int]], quoted: Sequence[QuotedLine]
) -> list[dict[str, Any]]:
    return [
        _line_values(sku, n)
        | {
            "kind": BOUGHT,
            "is_return_exempt": sku.is_return_exempt,
            "unit_price_fen": line.unit_price_fen,
            "line_fen": line.line_fen,
            "paid_fen": line.paid_fen,
            "adjustments": [asdict(a) for a in line.adjustments],
        }
        for (sku, n), line in zip(goods, quoted, strict=True)
    ]


def _given_line_values(presents: Sequence[tuple[SkuLine, Given]]) -> list[dict[str, Any]]:
    """Lines at 0 fen; they are not return-exempt, since the buyer confirmed no exemption."""
    nothing = {"unit_price_fen": 0, "line_fen": 0, "paid_fen": 0, "adjustments": []}
    return [
        _line_values(sku, each.quantity) | {"kind": each.kind, "is_return_exempt": False} | nothing
        for sku, each in presents
    ]


def _line_values(sku: SkuLine, quantity: int) -> dict[str, Any]:
    return {
        "sku": sku.sku_id,
        "product": sku.product_id,
        "title": sku.title,
        "spec_text": sku.spec_text,
        "picture": sku.cover.id if sku.cover else None,
        "is_liquor": sku.is_liquor,
        "quantity": quantity,
    }


def _lane_of_one_sku(order: PlaceOrder, address: AddressForm | None) -> str | None:
    """The lane of an order of one SKU, which its buyers share; None for several (ADR 0008)."""
    return f"sku:{order.items[0][0]}" if len(order.items) == 1 else None


@in_lane(_lane_of_one_sku)
def place_checkout(order: PlaceOrder, address: AddressForm | None) -> dict[str, Any]:
    """Save the address typed at checkout, age and consent to the terms, and place the order.

    All of it happens, or nothing. Raises Invalid('agreement_due'), and what ``place_order`` does.
    """
    legal.agree(order.member_id, "terms", order.terms_version, is_ticked=order.agrees_to_terms)
    if address is not None:
        order = replace(order, address_id=members.save_address(order.member_id, address))
    if order.is_adult:
        members.confirm_adult(order.member_id)
    return place_order(order)
