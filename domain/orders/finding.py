"""Orders for the merchant's search (全站查找)."""

from __future__ import annotations

from domain.orders.queries import OrderFilter, list_orders
from kernel.finding import Found, Sought


def find_orders(sought: Sought, limit: int) -> list[Found]:
    """By number, parcel, member's number, receiver's phone or name; see ``search``."""
    words = sought.phone or sought.number or sought.text
    if not words:
        return []
    return [
        Found(each.order_no, each.order_no, each.masked_address, each.state,
              each.payable_fen, each.created_at)
        for each in list_orders(OrderFilter(words=words, limit=limit))
    ]  # fmt: skip
