"""Counts over all parts of the shop, each one query, and the sales of each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, Case, fn

from domain import hold, settings
from kernel import clock
from models import (
    AfterSale,
    BillLine,
    Distributor,
    Order,
    OrderLine,
    OutboxRow,
    Product,
    Refund,
    ServiceTicket,
    Sku,
    VisitDay,
    Withdrawal,
)

TO_SHIP = ("paid", "partly_shipped")
DIFFERENCES = ("theirs_only", "ours_only", "amount_differs")
CASES = ("requested", "returning", "received_back", "abnormal")  # the merchant has to act


@dataclass(frozen=True)
class Todo:
    """What waits for a person (待办), and since when the oldest order waits to be shipped."""

    to_ship: int
    oldest_to_ship_at: datetime | None
    cases: int
    refunds_abnormal: int
    withdrawals: int
    withdrawals_fen: int
    applications: int
    low_stock: int
    tickets: int
    tickets_late: int
    dead: int
    is_stopped: bool
    stopped_why: str
    is_held: bool
    differences: int


@dataclass(frozen=True)
class DayFigures:
    """One business day: what was paid, how many orders, how many came by a shared link."""

    day: date
    sales_fen: int
    orders: int
    visits: int


@dataclass(frozen=True)
class BestSeller:
    """A product with what it sold in a time."""

    product_id: int
    title: str
    quantity: int
    paid_fen: int
    stock: int
    is_low: bool


def todo() -> Todo:
    """What waits for a person, right now."""
    waiting = Order.state.in_(TO_SHIP)
    oldest = Order.select(Order.paid_at).where(waiting).order_by(Order.paid_at).first()
    requested = Withdrawal.state == "requested"
    total = Withdrawal.select(fn.COALESCE(fn.SUM(Withdrawal.gross_fen), 0)).where(requested)
    is_open = ServiceTicket.state == "open"
    brakes = settings.get(settings.PayoutBrakes)
    return Todo(
        to_ship=Order.select().where(waiting).count(),
        oldest_to_ship_at=oldest.paid_at if oldest is not None else None,
        cases=AfterSale.select().where(AfterSale.state.in_(CASES)).count(),
        refunds_abnormal=Refund.select().where(Refund.state == "abnormal").count(),
        withdrawals=Withdrawal.select().where(requested).count(),
        withdrawals_fen=int(total.scalar()),
        applications=Distributor.select().where(Distributor.state == "applied").count(),
        low_stock=_low_stock(),
        tickets=ServiceTicket.select().where(is_open).count(),
        tickets_late=ServiceTicket.select()
        .where(is_open & (ServiceTicket.due_at <= clock.now()))
        .count(),
        dead=OutboxRow.select().where(OutboxRow.state == "dead").count(),
        is_stopped=brakes.is_stopped,
        stopped_why=brakes.stopped_why,
        is_held=hold.is_held(),
        differences=BillLine.select().where(BillLine.state.in_(DIFFERENCES)).count(),
    )


def days(count: int, until: date | None = None) -> list[DayFigures]:
    """The last so many business days, oldest first; days without an order are zero."""
    last = until or clock.business_day(clock.now())
    wanted = [last - timedelta(days=n) for n in range(count - 1, -1, -1)]
    sold = _sold_by_day(wanted)
    query: Any = (
        VisitDay.select(VisitDay.day, fn.SUM(VisitDay.visits))
        .where(VisitDay.day.in_([d.isoformat() for d in wanted]))
        .group_by(VisitDay.day)
        .tuples()
    )
    visits = {str(d): int(n) for d, n in query}
    return [
        DayFigures(d, *sold.get(n, (0, 0)), visits.get(d.isoformat(), 0))
        for n, d in enumerate(wanted)
    ]


def best_sellers(since: datetime, limit: int = 5) -> list[BestSeller]:
    """Products by what was paid for them since an instant, the most first."""
    total = fn.SUM(OrderLine.paid_fen)
    query: Any = (
        OrderLine.select(OrderLine.product, fn.SUM(OrderLine.quantity), total)
        .where(OrderLine.order.in_(Order.select(Order.id).where(Order.paid_at >= since)))
        .group_by(OrderLine.product)
        .order_by(total.desc(), OrderLine.product)
        .limit(limit)
        .tuples()
    )
    rows = list(query)
    ids = [row[0] for row in rows]
    titles = {p.id: p.title for p in Product.select().where(Product.id.in_(ids))}
    stock: dict[int, int] = dict.fromkeys(ids, 0)
    low: set[int] = set()
    for sku in Sku.select().where(Sku.product.in_(ids) & ~Sku.is_removed):
        stock[sku.product_id] += sku.stock
        if sku.stock <= sku.low_stock:
            low.add(sku.product_id)
    return [BestSeller(i, titles[i], int(n), int(fen), stock[i], i in low) for i, n, fen in rows]


def _sold_by_day(wanted: Sequence[date]) -> dict[int, tuple[int, int]]:
    """Sales and orders by position of the day; grouped where the rows are."""
    starts = [clock.day_start(d) for d in (*wanted, wanted[-1] + timedelta(days=1))]
    bucket = Case(None, [(Order.paid_at < end, n) for n, end in enumerate(starts[1:])])
    query: Any = (
        Order.select(bucket.alias("bucket"), fn.SUM(Order.paid_fen), fn.COUNT(Order.id))
        .where((Order.paid_at >= starts[0]) & (Order.paid_at < starts[-1]))
        .group_by(SQL("bucket"))
        .tuples()
    )
    return {int(n): (int(fen), int(count)) for n, fen, count in query}


def _low_stock() -> int:
    """SKUs on the shelf at or below their mark."""
    query = Sku.select(Sku.id).join(Product).where(Product.state == "on_shelf")
    return int(query.where(~Sku.is_removed & (Sku.stock <= Sku.low_stock)).count())
