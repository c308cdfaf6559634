"""The payments and refunds of an order, whichever of its payables they are for.

What belongs to an order and is paid apart (a deposit, a balance) is a kind of its own with the
order's id; whoever asks for an order's payments gets them together.
"""

from __future__ import annotations

from domain import payments
from domain.payments import Payable, PayableRef, PaymentView, RefundView

ORDER = "order"
_kinds: dict[str, None] = {ORDER: None}


def register_payable(payable: Payable) -> None:
    """A kind of payable whose id is an order's (订单应付项)."""
    payments.register(payable)
    _kinds[payable.kind] = None


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
    """The out-numbers of an order that WeChat may still take money for."""
    return payments.open_numbers(list(_kinds), order_id)


def refund_order(order_id: int, amount_fen: int, case_id: int, reason: str) -> list[int]:
    """A case's money starts its way back, over the order's payments (订单退款).

    The caller holds the order's row. Raises Conflict('refund_above_payment').
    """
    return payments.begin_refunds(
        list(_kinds), order_id, amount_fen, "case", case_id=case_id, reason=reason
    )
