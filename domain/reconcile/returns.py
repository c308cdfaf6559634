"""Recovery: the payable of a lost payment, and the case of a lost refund."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from domain import orders, payments
from domain.aftersales import (
    REFUNDED_AT_WECHAT,
    RESTORE,
    begin_refunding,
    lock_case,
    open_and_refund,
)
from domain.payments import PayableRef
from domain.payments.ports import PaymentResult, RefundResult
from kernel.errors import DomainError
from kernel.store import savepoint
from models import AfterSale, Order, OrderLine, Refund

# A waiting case's state -> the event that starts its refund.
_WAITING = {"requested": "approve_refund", "received_back": "refund"}


def adopt_payment(result: PaymentResult, mchid: str, appid: str) -> str:
    """Book a lost payment to the payable with the number in ``attach`` (补记付款).

    Returns ``no_order`` if that was lost, too; a person must look at it.
    """
    payable = payments.find_payable(result.attach)
    if payable is None:
        return "no_order"
    return payments.adopt_payment(payable, result, mchid, appid)


def adopt_refund(payment_id: int, payable: PayableRef, result: RefundResult) -> str:
    """Book a lost refund for a waiting case of this amount, or for whole lines (补记退款).

    Returns what ``settle_refund`` returns, or ``found``: the money is booked, but no case fits.
    """
    if orders.is_of_order(payable) and payments.is_taken(payment_id):
        order = Order.get_by_id(payable.id)
        for begin in _ways(order, result.refund_fen):
            refund_id = _begin_if_amount_fits(begin, payment_id, result.refund_fen)
            if refund_id is not None:
                return payments.adopt_refund_number(refund_id, result)
    outcome = payments.book_found_refund(payment_id, result)
    return outcome if outcome == "refund_above_payment" else payments.FOUND


class _NoFit(Exception):
    """This way gives another amount and is rolled back."""


def _ways(order: Any, amount_fen: int) -> Iterator[Any]:
    """Possible origins of a refund: a waiting case, the whole order, or pieces of one line."""
    waiting = AfterSale.state.in_(list(_WAITING)) & (AfterSale.order == order.id)
    for case in AfterSale.select().where(waiting).order_by(AfterSale.id):
        if case.goods_fen + case.freight_fen == amount_fen:
            yield lambda case_id=case.id: _grant(case_id)
    if order.state in orders.PAID_STATES:
        yield lambda: open_and_refund(order.order_no, ())
        lines = OrderLine.select().where(OrderLine.order == order.id).order_by(OrderLine.id)
        for line in lines.where(OrderLine.paid_fen > 0):
            for pieces in range(line.quantity - line.claimed, 0, -1):
                items: Sequence[tuple[int, int]] = ((line.id, pieces),)
                yield lambda chosen=items: open_and_refund(order.order_no, chosen)


def _grant(case_id: int) -> None:
    case = lock_case(case_id)
    begin_refunding(case, _WAITING[case.state], REFUNDED_AT_WECHAT, RESTORE)


def _begin_if_amount_fits(begin: Any, payment_id: int, amount_fen: int) -> int | None:
    """Try a way; returns the refund's id if the amount fits, else rolls back and returns None."""
    try:
        with savepoint():
            begin()
            row = Refund.select().where(Refund.payment == payment_id)
            newest = row.order_by(Refund.id.desc()).first()
            if newest is None or newest.amount_fen != amount_fen or newest.state != "created":
                raise _NoFit
            return int(newest.id)
    except (_NoFit, DomainError):
        return None
