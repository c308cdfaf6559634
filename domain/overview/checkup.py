"""Checks of orders, stock and kept sums against their rows (订单体检, 库存体检).

Every figure that is stored is derived again in another way. ``python -m app doctor orders`` and
``doctor stock`` list the differences; a job does so each night, for the merchant's first page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from peewee import fn

from domain import catalog, ledger, push, system_state
from domain import orders as orders_of
from domain.aftersales import OPEN as OPEN_CASES
from domain.overview import sealing
from domain.pickups import PICKUP
from kernel.store import Store
from models import (
    AfterSale,
    AfterSaleLine,
    Order,
    OrderLine,
    OrderTake,
    Parcel,
    ParcelLine,
    Payment,
    Refund,
    Sku,
    StockMove,
)

UNPAID = ("awaiting_payment", "closing")
DONE_REFUND = ("succeeded", "settled_by_hand")
AUTOMATIC = ("late", "duplicate", "wrong_amount")  # causes of automatic refunds
DONE_CASE = ("refunded", "settled_by_hand")
EVER = datetime(2000, 1, 1, tzinfo=UTC)  # with "IS NOT NULL" SQLite would read every row
CHUNK = 300
KEPT = 50


@dataclass(frozen=True, order=True)
class Finding:
    """A difference: a stable code, the order's number or SKU's id, stored and derived figure."""

    code: str
    no: str
    has: int
    says: int


class Checkup(system_state.State):
    """The findings of the last nightly check (体检结果)."""

    KEY: ClassVar[str] = "checkup"
    orders: tuple[tuple[str, str, int, int], ...] = ()
    stock: tuple[tuple[str, str, int, int], ...] = ()
    kept: tuple[tuple[str, str, int, int], ...] = ()


async def check_orders(store: Store) -> list[Finding]:
    """Orders that differ from their payments, refunds, lines, cases, takes or ledger entries.

    A few hundred orders are read at a time. A difference is read twice and counts only if it is
    the same both times, since the order may have been changing.
    """
    found: set[Finding] = set()
    after = 0
    while ids := await store.report(order_ids_after, after, CHUNK):
        after = ids[-1]
        if suspects := await store.report(order_findings, ids):
            wrong = {each.no for each in suspects}
            found |= set(suspects) & set(await store.report(findings_of_numbers, sorted(wrong)))
    return sorted(found)


async def check_stock(store: Store) -> list[Finding]:
    """SKUs whose history, orders and counts differ in the same way twice."""
    first = await store.report(stock_findings)
    return sorted(set(first) & set(await store.report(stock_findings))) if first else []


async def check_days(store: Store) -> list[Finding]:
    """Closed days whose stored sums differ from their orders in the same way twice."""
    first = await store.report(day_findings)
    return sorted(set(first) & set(await store.report(day_findings))) if first else []


def day_findings() -> list[Finding]:
    """Closed days whose stored sums differ."""
    return [Finding("kept_day", each.isoformat(), 1, 0) for each in sealing.unsound_days()]


async def check_pushes(store: Store) -> list[Finding]:
    """Campaigns whose stored counts differ from their messages."""
    return [
        Finding("kept_push", str(each.campaign_id), each.kept, each.counted)
        for each in await store.report(push.list_miscounts)
    ]


def store_findings(
    orders: Sequence[Finding], stock: Sequence[Finding], kept: Sequence[Finding] = ()
) -> int:
    """Store the findings for the first page; returns how many there are."""
    values = {
        name: tuple((each.code, each.no, each.has, each.says) for each in found[:KEPT])
        for name, found in (("orders", orders), ("stock", stock), ("kept", kept))
    }
    system_state.put(Checkup.model_validate(values))
    return len(orders) + len(stock) + len(kept)


def stored_findings() -> list[Finding]:
    """The findings of the last check."""
    last = system_state.get(Checkup)
    return [Finding(*each) for each in (*last.orders, *last.stock, *last.kept)]


def order_ids_after(after: int, limit: int) -> list[int]:
    """A page of orders' ids."""
    query = Order.select(Order.id).where(Order.id > after).order_by(Order.id).limit(limit)
    return [row.id for row in query]


def findings_of_numbers(order_nos: Sequence[str]) -> list[Finding]:
    """The differences of orders with these numbers."""
    query = Order.select(Order.id).where(Order.order_no.in_(order_nos))
    return order_findings([row.id for row in query])


def order_findings(order_ids: Sequence[int]) -> list[Finding]:
    """The differences of these orders."""
    orders = list(Order.select().where(Order.id.in_(order_ids)))
    lines = _by_order(OrderLine.select(), OrderLine.order, order_ids)
    payments = _payments(order_ids)
    refunds = _refunds(payments)
    cases = _by_order(AfterSale.select(), AfterSale.order, order_ids)
    in_cases, shipped = _in_cases(cases), _shipped(order_ids)
    takes = {row.line: row for row in _stock_takes(order_ids)}
    entries = {
        kind: ledger.booked(kind, [row.id for each in rows.values() for row in each])
        for kind, rows in (("payment", payments), ("refund", refunds))
    }
    found: list[Finding] = []
    for order in orders:
        mine = lines[order.id]
        paid, back = payments[order.id], refunds[order.id]
        for code, has, says in (
            *_state(order, mine, back),
            *_money(order, paid, back),
            *_entries(paid, back, entries),
            *_cases(order, mine, cases[order.id], in_cases),
            *_pieces(order, mine, shipped, takes),
        ):
            if has != says:
                found.append(Finding(code, order.order_no, has, says))
    return found


_Pair = tuple[str, int, int]


def _state(order: Any, lines: Sequence[Any], refunds: Sequence[Any]) -> Iterator[_Pair]:
    """Paid in full or not; lines and freight sum to the price; refunds are those of cases."""
    due = 0 if order.state in (*UNPAID, "cancelled") else order.payable_fen
    yield "order_paid", order.paid_fen, due
    yield "order_lines", order.payable_fen, order.freight_fen + sum(x.paid_fen for x in lines)
    done = sum(r.amount_fen for r in refunds if r.cause == "case" and r.state in DONE_REFUND)
    yield "order_refunded", order.refunded_fen, done
    parts = order.refunded_freight_fen + sum(x.refunded_fen for x in lines)
    yield "order_refunded", order.refunded_fen, parts
    whole = bool(lines) and all(_is_over(x) for x in lines)
    is_back = whole and order.refunded_fen == order.paid_fen
    if order.state == "refunded" or is_back:
        yield "order_state", int(order.state == "refunded"), int(is_back)


def _money(order: Any, payments: Sequence[Any], refunds: Sequence[Any]) -> Iterator[_Pair]:
    """A payment is taken, or refunded as a whole; refunds sum to what the payment records."""
    stray = {r.payment_id for r in refunds if r.cause in AUTOMATIC}
    paying = sum(p.received_fen for p in payments if p.id not in stray)
    yield "order_payment", paying, order.paid_fen
    for payment in payments:
        mine = [r for r in refunds if r.payment_id == payment.id]
        yield "order_refunding", payment.refunding_fen, sum(r.amount_fen for r in mine)
        if payment.id in stray:
            whole = sum(r.amount_fen for r in mine if r.cause != "case")
            yield "order_stray", payment.received_fen, whole


def _entries(
    payments: Sequence[Any], refunds: Sequence[Any], entries: dict[str, dict[int, int]]
) -> Iterator[_Pair]:
    """The ledger has every payment and every finished refund, with the same amount."""
    for row in payments:
        yield "order_booked", entries["payment"].get(row.id, 0), row.received_fen
    for row in refunds:
        done = row.amount_fen if row.state in DONE_REFUND else 0
        yield "order_booked", entries["refund"].get(row.id, 0), done


def _cases(
    order: Any, lines: Sequence[Any], cases: Sequence[Any], parts: dict[int, tuple[int, int]]
) -> Iterator[_Pair]:
    """Lines have the sums of their cases; the order has the number of its open cases."""
    yield "order_cases", order.open_cases, sum(c.state in OPEN_CASES for c in cases)
    for line in lines:
        claimed, refunded = parts.get(line.id, (0, 0))
        yield "order_cases", line.claimed_fen, claimed
        yield "order_cases", line.refunded_fen, refunded


def _pieces(
    order: Any, lines: Sequence[Any], shipped: dict[int, int], takes: dict[int, Any]
) -> Iterator[_Pair]:
    """Shipped pieces are in parcels; restocked and replaced pieces are in the order's take.

    An order that is collected has no parcels: all is handed over at once, or nothing.
    """
    for line in lines:
        sent = shipped.get(line.id, 0)
        if order.delivery == PICKUP:
            sent = line.quantity - line.dropped if order.received_at else 0
        yield "order_shipped", line.shipped, sent
        take = takes.get(line.id)
        has = (0, 0) if take is None else (take.given_back, take.amount - line.quantity)
        yield "order_stock", has[0], line.restocked
        yield "order_stock", has[1], line.replaced


def stock_findings() -> list[Finding]:
    """SKUs whose counts differ from their history or their orders."""
    gaps = [Finding("stock_sum", str(sku_id), 0, 1) for sku_id in catalog.skus_out_of_balance()]
    held, sold = _pieces_of(Order.state.in_(UNPAID)), _pieces_of(Order.paid_at >= EVER)
    moved: Any = (
        StockMove.select(StockMove.sku, StockMove.reason, fn.SUM(StockMove.quantity))
        .where(StockMove.reason.in_(("return", "replace")))
        .group_by(StockMove.sku, StockMove.reason)
        .tuples()
    )
    for sku_id, reason, count in moved:
        sold[sku_id] = sold.get(sku_id, 0) + int(count) * (1 if reason == "replace" else -1)
    for sku in Sku.select(Sku.id, Sku.held, Sku.sold):
        pairs = (("stock_held", sku.held, held), ("stock_sold", sku.sold, sold))
        for code, has, says in pairs:
            if has != says.get(sku.id, 0):
                gaps.append(Finding(code, str(sku.id), has, says.get(sku.id, 0)))
    return gaps


def _pieces_of(orders: Any) -> dict[int, int]:
    """Pieces of each SKU in the lines of these orders."""
    rows: Any = (
        OrderLine.select(OrderLine.sku, fn.SUM(OrderLine.quantity))
        .join(Order)
        .where(orders)
        .group_by(OrderLine.sku)
        .tuples()
    )
    return {sku_id: int(count) for sku_id, count in rows}


def _is_over(line: Any) -> bool:
    """True if the line is refunded, or was given and has no piece left to ship."""
    is_gone = line.kind != "bought" and line.shipped + line.dropped == line.quantity
    return bool(line.refunded == line.quantity or is_gone)


def _payments(order_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    of_orders = Payment.payable_kind.in_(orders_of.payable_kinds())
    for row in Payment.select().where(of_orders & Payment.payable_id.in_(order_ids)):
        found[row.payable_id].append(row)
    return found


def _refunds(payments: dict[int, list[Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    order_of = {row.id: order_id for order_id, rows in payments.items() for row in rows}
    for row in Refund.select().where(Refund.payment.in_(list(order_of))):
        found[order_of[row.payment_id]].append(row)
    return found


def _by_order(query: Any, order: Any, order_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in query.where(order.in_(order_ids)):
        found[row.order_id].append(row)
    return found


def _in_cases(cases: dict[int, list[Any]]) -> dict[int, tuple[int, int]]:
    """Fen that cases claim of each line, and fen that they refunded."""
    states = {case.id: case.state for each in cases.values() for case in each}
    sums: dict[int, tuple[int, int]] = {}
    for part in AfterSaleLine.select().where(AfterSaleLine.case.in_(list(states))):
        state, (claimed, back) = states[part.case_id], sums.get(part.line_id, (0, 0))
        is_back = state in DONE_CASE
        claimed += part.claim_fen if is_back or state in OPEN_CASES else 0
        sums[part.line_id] = (claimed, back + (part.goods_fen if is_back else 0))
    return sums


def _shipped(order_ids: Sequence[int]) -> dict[int, int]:
    rows: Any = (
        ParcelLine.select(ParcelLine.line, fn.SUM(ParcelLine.quantity))
        .join(Parcel)
        .where(Parcel.order.in_(order_ids))
        .group_by(ParcelLine.line)
        .tuples()
    )
    return {line_id: int(count) for line_id, count in rows}


def _stock_takes(order_ids: Sequence[int]) -> Any:
    return OrderTake.select().where(OrderTake.order.in_(order_ids) & (OrderTake.kind == "stock"))
