"""Cases for the merchant's search (全站查找)."""

from __future__ import annotations

from kernel.finding import Found, Sought
from models import AfterSale, Order


def find_cases(sought: Sought, limit: int) -> list[Found]:
    """By a case's number, or the number of a parcel that went back or was sent instead."""
    rows = AfterSale.select().where(AfterSale.id.in_(_ids(sought, limit)))
    return [
        Found(str(row.id), row.case_no, "", row.state, row.goods_fen + row.freight_fen,
              row.created_at)
        for row in rows
    ]  # fmt: skip


def ids_of_cases(sought: Sought, limit: int) -> list[int]:
    """As ``find_cases``, and the cases of the order with this number."""
    order = Order.get_or_none(Order.order_no == sought.number) if sought.number else None
    if order is None:
        return _ids(sought, limit)
    rows = AfterSale.select(AfterSale.id).where(AfterSale.order == order.id)
    return [int(row.id) for row in rows.limit(limit)]


def _ids(sought: Sought, limit: int) -> list[int]:
    """Cases with this number, each meaning by an index of its own."""
    if not sought.number:
        return []
    ids = set()
    for column, value in (
        (AfterSale.case_no, sought.number),
        (AfterSale.return_tracking_no, sought.tracking),
        (AfterSale.sent_tracking_no, sought.tracking),
    ):
        rows = AfterSale.select(AfterSale.id).where(column == value)
        ids |= {row.id for row in rows.limit(limit)}
    return sorted(ids)
