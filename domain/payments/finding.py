"""Payments and refunds for the merchant's search (全站查找), by our numbers and WeChat's."""

from __future__ import annotations

from typing import Any

from domain.payments.payables import find_payable, page_of_payable
from domain.payments.queries import is_for, payable_ref
from kernel.finding import Found, Sought
from models import Payment, Refund


def find_payments(sought: Sought, limit: int) -> list[Found]:
    """By out_trade_no or WeChat's transaction id; the page is that of what was paid."""
    return [_found(row, row.out_trade_no, row) for row in _payments(sought.number, limit)]


def find_refunds(sought: Sought, limit: int) -> list[Found]:
    """By out_refund_no or WeChat's refund id; the page is that of what was paid."""
    ids = _ids(sought.number, limit)
    rows = Refund.select(Refund, Payment).join(Payment).where(Refund.id.in_(ids))
    return [_found(row, row.out_refund_no, row.payment) for row in rows]


def ids_of_refunds(sought: Sought, limit: int) -> list[int]:
    """As ``find_refunds``, and the refunds of the payment or the order with this number."""
    if ids := _ids(sought.number, limit):
        return ids
    payments = [row.id for row in _payments(sought.number, limit)]
    ref = find_payable(sought.number) if sought.number else None
    if ref is not None:
        payments += [row.id for row in Payment.select().where(is_for([ref.kind], ref.id))]
    rows = Refund.select(Refund.id).where(Refund.payment.in_(payments))
    return [int(row.id) for row in rows.limit(limit)]


def _payments(number: str, limit: int) -> list[Any]:
    """Payments with this number, each meaning by an index of its own."""
    found: dict[int, Any] = {}
    for column in (Payment.out_trade_no, Payment.transaction_id) if number else ():
        found |= {row.id: row for row in Payment.select().where(column == number).limit(limit)}
    return list(found.values())


def _ids(number: str, limit: int) -> list[int]:
    ids: set[int] = set()
    for column in (Refund.out_refund_no, Refund.refund_id) if number else ():
        ids |= {row.id for row in Refund.select(Refund.id).where(column == number).limit(limit)}
    return sorted(ids)


def _found(row: Any, name: str, payment: Any) -> Found:
    ref = payable_ref(payment)
    return Found(str(row.id), name, ref.no, row.state, row.amount_fen, row.created_at,
                 page_of_payable(ref))  # fmt: skip
