"""Stored sums of closed days (日结). See ADR 0069.

A day is closed a whole day after its end. A payment booked later than that deletes its day's sums,
and the job makes them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, fn

from domain import system_state
from domain.orders import OrderPaidLate
from domain.overview import statements
from kernel import clock
from kernel.fields import to_micros
from kernel.store import insert_rows, remainder
from models import Order, ProductDay, SalesDay, VisitDay

LOCK = "sales_days"
A_DAY = timedelta(days=1)
SEAL_AFTER = A_DAY
KEPT_DAYS = 62
"""Enough for the longest chart and the days before it."""
DAY_US = 86_400_000_000

Sold = dict[int, tuple[int, int]]


@dataclass(frozen=True)
class Sums:
    """A day's paid fen, paid orders, and visits by shared links."""

    sales_fen: int = 0
    orders: int = 0
    visits: int = 0


def closed_until(now: datetime) -> date:
    """The first day that is not closed."""
    return clock.business_day(now - SEAL_AFTER)


def seal_due() -> int:
    """Sum up each closed day without sums; returns how many.

    Sums older than the charts are deleted, and sums of days that are not over, after the clock was
    set back.
    """
    system_state.lock(LOCK)
    end = closed_until(clock.now())
    wanted = [end - timedelta(days=n) for n in range(KEPT_DAYS, 0, -1)]
    first, last = wanted[0].isoformat(), wanted[-1].isoformat()
    for table in (ProductDay, SalesDay):
        table.delete().where((table.day < first) | (table.day > last)).execute()
    have = {row.day for row in SalesDay.select(SalesDay.day)}
    missing = [day for day in wanted if day.isoformat() not in have]
    if missing:
        _seal(missing)
    return len(missing)


def _seal(missing: Sequence[date]) -> None:
    found = sums_of(missing)
    products: list[dict[str, Any]] = []
    for day in missing:
        if found[day].orders:
            start = clock.day_start(day)
            products += [
                {"day": day.isoformat(), "product_id": i, "quantity": n, "paid_fen": fen}
                for i, (n, fen) in sorted(sold_between(start, start + A_DAY).items())
            ]
    days = [
        {"day": day.isoformat(), "orders": found[day].orders,
         "sales_fen": found[day].sales_fen, "visits": found[day].visits}
        for day in missing
    ]  # fmt: skip
    insert_rows(SalesDay, days)
    if products:
        insert_rows(ProductDay, products)


def on_paid_late(event: OrderPaidLate) -> None:
    """Delete the sums of the day to which a late payment belongs."""
    system_state.lock(LOCK)
    unseal([clock.business_day(event.at)])


def unseal(days: Sequence[date]) -> None:
    """Delete the sums of days; the job makes them again. The caller holds the lock."""
    names = [day.isoformat() for day in days]
    statements.forget_products.run(names)
    statements.forget_sales.run(names)


def unsound_days() -> list[date]:
    """Closed days whose sums differ from their orders, lines and visits."""
    closed = SalesDay.day < closed_until(clock.now()).isoformat()
    seals = list(SalesDay.select().where(closed).order_by(SalesDay.day))
    if not seals:
        return []
    true = sums_of([date.fromisoformat(row.day) for row in seals])
    return [day for row in seals if not _is_sound(row, day := date.fromisoformat(row.day), true)]


def _is_sound(row: SalesDay, day: date, true: dict[date, Sums]) -> bool:
    if Sums(row.sales_fen, row.orders, row.visits) != true[day]:
        return False
    start = clock.day_start(day)
    said = ProductDay.select().where(ProductDay.day == row.day)
    sold = {each.product_id: (each.quantity, each.paid_fen) for each in said}
    return sold == sold_between(start, start + A_DAY)


def repair_sums() -> int:
    """Make the sums again of days that differ; returns how many."""
    system_state.lock(LOCK)
    found = unsound_days()
    if found:
        unseal(found)
        seal_due()
    return len(found)


def sums_of(wanted: Sequence[date]) -> dict[date, Sums]:
    """The sums of some days, computed from orders and visits."""
    sold = _sold_by_day(wanted[0], wanted[-1])
    names = [day.isoformat() for day in wanted]
    query: Any = (
        VisitDay.select(VisitDay.day, fn.SUM(VisitDay.visits))
        .where(VisitDay.day.in_(names))
        .group_by(VisitDay.day)
        .tuples()
    )
    visits = {str(day): int(count) for day, count in query}
    return {
        day: Sums(*sold.get((day - wanted[0]).days, (0, 0)), visits.get(day.isoformat(), 0))
        for day in wanted
    }


def _sold_by_day(first: date, last: date) -> dict[int, tuple[int, int]]:
    """Fen and orders by the day's position from ``first``, grouped by the database.

    Every day in Shanghai has 24 hours, so a day is a remainder.
    """
    start, end = clock.day_start(first), clock.day_start(last + A_DAY)
    age = Order.paid_at - to_micros(start)
    day = age - remainder(age, DAY_US)
    query: Any = (
        Order.select(day.alias("day"), fn.SUM(Order.paid_fen), fn.COUNT(SQL("1")))
        .where((Order.paid_at >= start) & (Order.paid_at < end))
        .group_by(SQL("day"))
        .tuples()
    )
    return {int(us) // DAY_US: (int(fen), int(count)) for us, fen, count in query}


def sold_between(start: datetime, end: datetime) -> Sold:
    """Pieces and fen of each product in orders paid within a time, without given lines."""
    (first, last), _ = ends_of_orders(start, end, end, end)
    rows = statements.sold_in_orders.all(first, last, start, end)
    return {int(row.product_id): (int(row.pieces), int(row.fen)) for row in rows}


def ends_of_orders(
    start: datetime, end: datetime, start_2: datetime, end_2: datetime
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and last id of orders paid in each of two times; zeros if there is none."""
    rows = statements.ends_of_orders.all(start, end, start_2, end_2)
    found = {int(row.number): (row.first or 0, row.last or 0) for row in rows}
    return found[1], found[2]
