"""The payments and refunds of an order, over all kinds of payable that belong to it.

A part of an order that is paid separately (a deposit, a balance) is a kind of payable of its own;
its id is the order's (ADR 0063).
"""

from __future__ import annotations

from domain import payments
from domain.payments import Payable, PayableRef, PaymentView, RefundView

_kinds: dict[str, None] = {}


def of_order(kind: str) -> str:
    """Declare a kind of payable whose id is an order's; returns it."""
    _kinds[kind] = None
    return kind


def register_payable(payable: Payable) -> None:
    """Register a kind of payable whose id is an order's (订单应付项)."""
    payments.register_payable(payable)
    of_order(payable.kind)


def payable_kinds() -> list[str]:
    """The kinds of payable whose id is an order's."""
    return list(_kinds)


def is_of_order(payable: PayableRef) -> bool:
    """True if the payable's id is an order's."""
    return payable.kind in _kinds


def payments_of(order_id: int) -> list[PaymentView]:
    """An order's attempts to pay, oldest first."""
    return payments.payments_of(list(_kinds), order_id)


def refunds_of(order_id: int) -> list[RefundView]:
    """An order's refunds, oldest first."""
    return payments.refunds_of(list(_kinds), order_id)


def open_numbers(order_id: int) -> list[str]:
    """The out-numbers of an order's payments that may still be paid at WeChat."""
    return payments.open_numbers(list(_kinds), order_id)


def refund_order(order_id: int, amount_fen: int, case_id: int) -> list[int]:
    """Begin a case's refund, spread over the order's payments (订单退款).

    The caller has locked the order's row. Returns the refunds' ids. Raises
    Conflict('refund_above_payment').
    """
    return payments.begin_refunds(list(_kinds), order_id, amount_fen, "case", case_id=case_id)
