"""An order as the kinds of reservation need it, and what came back of its lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain import reservations
from domain.orders import statements
from domain.reservations import Back, ReservingLine, ReservingOrder
from models import OrderLine


def reserving_lines(order_id: int) -> list[ReservingLine]:
    """An order's lines, in the order of their ids."""
    rows = statements.lines.all(order_id)
    return [ReservingLine(row.sku_id, row.quantity, row.kind, row.id) for row in rows]


def reserving_order(order: Any) -> ReservingOrder:
    """An order's row with its lines."""
    return ReservingOrder(
        order.id, order.order_no, order.member_id, tuple(reserving_lines(order.id))
    )


def give_back_reservations(order: Any, line_ids: Iterable[int], source: str) -> None:
    """Report to every kind of reservation what came back of these lines in all.

    The caller has locked the order. ``source`` is the case's number.
    """
    whole = reserving_order(order)
    rows = OrderLine.select().where(OrderLine.id.in_(list(line_ids))).order_by(OrderLine.id)
    for row in rows:
        reservations.give_back(
            whole,
            Back(
                row.id,
                row.refunded,
                row.refunded_fen,
                row.paid_fen,
                row.restocked,
                row.replaced,
                source,
            ),
        )
