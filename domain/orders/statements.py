"""Prepared SQL of orders."""

from __future__ import annotations

from functools import cache
from typing import Any

from kernel.store import Prepared, prepared
from models import Order, OrderLine


@prepared
def lines(order_id: Any) -> Any:
    """What an order's lines take, in the order of their ids."""
    query = OrderLine.select(OrderLine.id, OrderLine.sku, OrderLine.quantity, OrderLine.kind)
    return query.where(OrderLine.order == order_id).order_by(OrderLine.id)


@prepared
def notice_of_payment(order_id: Any) -> Any:
    """The buyer of an order and the fen paid, for the notice of payment."""
    return Order.select(Order.id, Order.member, Order.paid_fen).where(Order.id == order_id)


@prepared
def set_origin(order_id: Any, source: Any, medium: Any) -> Any:
    """Keep what brought the buyer, and by what they came in."""
    return Order.update(source=source, medium=medium).where(Order.id == order_id)


@cache
def step(names: tuple[str, ...]) -> Prepared:
    """Change an order if its state is still the one that was read; ``names`` are the columns.

    Parameters: the order, the state before, then a value for each column.
    """

    def build(order_id: Any, before: Any, *values: Any) -> Any:
        same = (Order.id == order_id) & (Order.state == before)
        return Order.update(**dict(zip(names, values, strict=True))).where(same)

    return prepared(build)
