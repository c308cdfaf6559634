"""Placing an order: everything is checked, priced and put aside in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain import cart, catalog, members, settings
from domain.catalog import SkuLine, StockShort
from domain.members import AddressView
from domain.orders import rules
from domain.orders.events import OrderPlaced
from domain.orders.rules import PlaceOrder
from domain.orders.service import mark_paid
from domain.orders.steps import write_log
from domain.pricing import Quote, QuotedLine, quote_goods
from domain.settings import Trade
from kernel import clock, events, ids
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_row, insert_rows
from models import Order, OrderLine

ADDRESS_CONTEXT = "mall_order.sealed_address"


def place_order(form: PlaceOrder) -> dict[str, Any]:
    """The buyer orders what they saw at the price they saw, or is told what changed (下单).

    Raises Invalid (quantity, age, exemption), NotFound (another's address), Conflict
    ('price_changed', 'not_for_sale') and StockShort; then nothing is changed.
    """
    switches = settings.get(Trade)
    items = rules.checked_items(form.items, switches.max_line_quantity, switches.max_cart_lines)
    note = rules.checked_note(form.note)
    goods = _goods(items)
    _check_consents(form, [sku for sku, _ in goods])
    _refuse_sold_out(goods)
    address = members.address_of(form.member_id, form.address_id)
    quote = quote_goods(goods, address.form.province)
    if quote.payable_fen != form.expected_payable_fen:
        raise Conflict(
            "price_changed",
            "expected_payable_fen",
            payable_fen=quote.payable_fen,
            expected_fen=form.expected_payable_fen,
        )
    order_no = ids.out_number("ORD")
    order_id = _insert_order(form, order_no, note, quote, address, switches)
    write_log(
        order_id,
        None,
        "awaiting_payment",
        "placed",
        actor=f"member:{form.member_id}",
        facts={"is_adult": form.is_adult, "exempt_confirmed": list(form.exempt_confirmed)},
    )
    if form.cart_owner is not None:
        cart.remove(form.cart_owner, [sku_id for sku_id, _ in items])
    # Late, because a hot SKU's row is then locked for a short time; but before the lines: on
    # MariaDB a line's foreign key shares the SKU's row, and two who share it can't both change it.
    catalog.hold_stock(items, order_no)
    _insert_lines(order_id, goods, quote.lines)
    events.publish(OrderPlaced(order_id, form.member_id))
    if quote.payable_fen == 0:
        mark_paid(order_id, None, 0)
    return {"order_no": order_no, "order_id": order_id, "payable_fen": quote.payable_fen}


def preview(
    items: Sequence[tuple[int, int]], province: str | None = None
) -> tuple[list[tuple[SkuLine, int]], Quote]:
    """The goods and the price that checkout shows; nothing is put aside (结算预览)."""
    switches = settings.get(Trade)
    checked = rules.checked_items(items, switches.max_line_quantity, switches.max_cart_lines)
    goods = _goods(checked)
    return goods, quote_goods(goods, province)


def _goods(items: Sequence[tuple[int, int]]) -> list[tuple[SkuLine, int]]:
    skus = catalog.sku_lines([sku_id for sku_id, _ in items])
    for sku_id, _ in items:
        if sku_id not in skus:
            raise NotFound("sku_missing", "items", sku_id=sku_id)
        if not skus[sku_id].is_for_sale:
            raise Conflict("not_for_sale", "items", sku_id=sku_id, title=skus[sku_id].title)
    return [(skus[sku_id], n) for sku_id, n in items]


def _refuse_sold_out(goods: Sequence[tuple[SkuLine, int]]) -> None:
    """Who comes too late in a rush costs a look; for all others ``hold_stock`` decides."""
    for sku, _ in goods:
        if sku.left <= 0:
            raise StockShort("stock_short", "quantity", sku_id=sku.sku_id, left=0, title=sku.title)


def _check_consents(form: PlaceOrder, skus: Sequence[SkuLine]) -> None:
    """Liquor is sold to adults only; an exemption counts only if the buyer confirmed it."""
    if not form.is_adult and any(sku.is_liquor for sku in skus):
        raise Invalid("adult_unconfirmed", "is_adult")
    open_ones = [
        sku.sku_id
        for sku in skus
        if sku.is_return_exempt and sku.sku_id not in form.exempt_confirmed
    ]
    if open_ones:
        raise Invalid("exemption_unconfirmed", "exempt_confirmed", sku_ids=open_ones)


def _insert_order(
    form: PlaceOrder, order_no: str, note: str, quote: Quote, address: AddressView, trade: Trade
) -> int:
    now = clock.now()
    text = json.dumps(asdict(address.form), ensure_ascii=False)
    return insert_row(
        Order,
        order_no=order_no,
        member=form.member_id,
        goods_fen=quote.goods_fen,
        reduction_fen=quote.reduction_fen,
        freight_fen=quote.freight_fen,
        payable_fen=quote.payable_fen,
        note=note,
        source=form.source[:32],
        sealed_address=members.seal_for(form.member_id, text, ADDRESS_CONTEXT),
        masked_address=address.masked,
        created_at=now,
        pay_by_at=rules.pay_by(now, trade.pay_within_minutes),
    )


def _insert_lines(
    order_id: int, goods: Sequence[tuple[SkuLine, int]], quoted: Sequence[QuotedLine]
) -> None:
    insert_rows(
        OrderLine,
        [
            {
                "order": order_id,
                "sku": sku.sku_id,
                "product": sku.product_id,
                "title": sku.title,
                "spec_text": sku.spec_text,
                "picture": sku.cover.id if sku.cover else None,
                "is_liquor": sku.is_liquor,
                "is_return_exempt": sku.is_return_exempt,
                "unit_price_fen": line.unit_price_fen,
                "quantity": n,
                "line_fen": line.line_fen,
                "paid_fen": line.paid_fen,
                "adjustments": [asdict(a) for a in line.adjustments],
            }
            for (sku, n), line in zip(goods, quoted, strict=True)
        ],
    )
