"""By what people came and bought (来源统计): figures by source, of one distributor or of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peewee import SQL, fn

from domain import orders
from kernel import clock
from models import Order, Touch


@dataclass(frozen=True)
class OriginFigures:
    """A source since some days ago: people met, paid orders of it, fen paid for them."""

    code: str  # orders.ORIGINS; "" for orders of before sources were kept
    people: int
    orders: int
    sales_fen: int
    came_in: int  # paid orders whose medium it was


def origin_figures(member_id: int | None, days: int) -> list[OriginFigures]:
    """The figures of each source, today and the days before, most orders first; empty ones not.

    Of a distributor, or of the whole shop for None. People are counted once per distributor, by
    what they met last.
    """
    since = clock.day_start(clock.business_day(clock.now()) - timedelta(days=days - 1))
    met, sold, came = (
        _people(member_id, since), _sold(Order.source, member_id, since),
        _sold(Order.medium, member_id, since),
    )  # fmt: skip
    rows = [
        OriginFigures(
            code, met.get(code, 0), *sold.get(code, (0, 0)), came_in=came.get(code, (0, 0))[0]
        )
        for code in ("", *orders.ORIGINS)
    ]
    found = [row for row in rows if row.people or row.orders or row.came_in]
    return sorted(found, key=lambda row: (-row.orders, -row.people))


def _people(member_id: int | None, since: Any) -> dict[str, int]:
    query: Any = Touch.select(Touch.source, fn.COUNT(SQL("1"))).where(Touch.last_at >= since)
    if member_id is not None:
        query = query.where(Touch.referrer == member_id)
    return {str(code): int(n) for code, n in query.group_by(Touch.source).tuples()}


def _sold(column: Any, member_id: int | None, since: Any) -> dict[str, tuple[int, int]]:
    """By code: paid orders and what was paid for them, less refunds."""
    query: Any = Order.select(
        column, fn.COUNT(SQL("1")), fn.SUM(Order.paid_fen - Order.refunded_fen)
    ).where(Order.paid_at >= since)
    if member_id is not None:
        query = query.where(Order.seller == member_id)
    rows = query.group_by(column).tuples()
    return {str(code): (int(n), int(fen)) for code, n, fen in rows}
