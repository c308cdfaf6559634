"""Prepared SQL of orders."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from peewee import SQL

from domain.orders.rules import GIFT, UNDONE
from kernel.store import Prepared, prepared
from models import Order, OrderLine

Tab = Literal["all", "to_pay", "to_ship", "to_receive", "done", "refunding", "gifts"]


@prepared
def lines(order_id: Any) -> Any:
    """What an order's lines take, in the order of their ids."""
    query = OrderLine.select(OrderLine.id, OrderLine.sku, OrderLine.quantity, OrderLine.kind)
    return query.where(OrderLine.order == order_id).order_by(OrderLine.id)


@prepared
def liquor_line(order_id: Any) -> Any:
    """A line of an order that is liquor."""
    mine = (OrderLine.order == order_id) & (OrderLine.is_liquor == True)  # noqa: E712 - SQL
    return OrderLine.select(OrderLine.id).where(mine).limit(1)


@prepared
def notice_of_payment(order_id: Any) -> Any:
    """The buyer of an order and the fen paid, for the notice of payment."""
    return Order.select(Order.id, Order.member, Order.paid_fen).where(Order.id == order_id)


@prepared
def set_origin(order_id: Any, source: Any, medium: Any, seller_id: Any) -> Any:
    """Keep what brought the buyer, by what they came in, and who sold the order."""
    origin = Order.update(source=source, medium=medium, seller=seller_id)
    return origin.where(Order.id == order_id)


def waits_for_address() -> Any:
    """The condition for paid gifts that no friend has taken yet (待领取)."""
    return (Order.state == "paid") & (Order.delivery == GIFT) & Order.recipient.is_null()


def in_tab(tab: Tab) -> Any:
    """The condition for the orders of a tab."""
    return {
        "all": SQL("1 = 1"),  # with a bound on ids SQLite would read rows in the order of ids
        "to_pay": Order.state.in_(("awaiting_payment", "closing")),
        "to_ship": Order.state.in_(("paid", "partly_shipped")),
        "to_receive": Order.state.in_(("shipped", "partly_shipped")),
        # Nearly all orders are done: found by an index on the state, SQLite would sort all of them
        # for one page.
        "done": Order.state.not_in(UNDONE),
        "refunding": (Order.open_cases > 0),
        "gifts": waits_for_address(),
    }[tab]


@cache
def newest_in_tab(tab: Tab) -> Prepared:
    """A member's newest orders of a tab; parameters: the member, how many."""

    def build(member_id: Any, limit: Any) -> Any:
        mine = (Order.member == member_id) & in_tab(tab)
        return Order.select().where(mine).order_by(Order.id.desc()).limit(limit)

    return prepared(build)


@cache
def step(names: tuple[str, ...]) -> Prepared:
    """Change an order if its state is still the one that was read; ``names`` are the columns.

    Parameters: the order, the state before, then a value for each column.
    """

    def build(order_id: Any, before: Any, *values: Any) -> Any:
        same = (Order.id == order_id) & (Order.state == before)
        return Order.update(**dict(zip(names, values, strict=True))).where(same)

    return prepared(build)
