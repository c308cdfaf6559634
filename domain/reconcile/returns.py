"""Verbs of a recovery: whose money a forgotten payment was, and which case a refund belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from domain import orders, payments
from domain.aftersales import begin_refunding, give_money_back, locked_case
from domain.payments import PayableRef
from domain.payments.ports import PaymentResult, RefundResult
from kernel.errors import DomainError
from kernel.store import savepoint
from models import AfterSale, Order, OrderLine, Refund

WHY = "恢复备份后补记：微信已退款"
# a case that waits -> the event that starts its refund
_WAITING = {"requested": "approve_refund", "received_back": "refund"}


def adopt_payment(result: PaymentResult, mchid: str, appid: str) -> str:
    """A forgotten payment belongs to what has the number that it carries (补记付款).

    Answers ``no_order`` if that was forgotten, too: a person must look.
    """
    payable = payments.find_payable(result.attach)
    if payable is None:
        return "no_order"
    return payments.adopt_payment(payable, result, mchid, appid)


def adopt_refund(payment_id: int, payable: PayableRef, result: RefundResult) -> str:
    """A forgotten refund closes the case that asks for this amount, or whole lines (补记退款).

    Answers what ``settle_refund`` does, or ``found``: the money is booked, no case fits.
    """
    if orders.is_of_order(payable) and payments.is_taken(payment_id):
        order = Order.get_by_id(payable.id)
        for begin in _ways(order, result.refund_fen):
            refund_id = _begun(begin, payment_id, result.refund_fen)
            if refund_id is not None:
                return payments.take_number(refund_id, result)
    outcome = payments.book_found_refund(payment_id, result)
    return outcome if outcome == "refund_above_payment" else payments.FOUND


class _NoFit(Exception):
    """This way leads to another amount; it is undone."""


def _ways(order: Any, amount_fen: int) -> Iterator[Any]:
    """What may have been done: a waiting case was granted, all or one line was paid back."""
    waiting = AfterSale.state.in_(list(_WAITING)) & (AfterSale.order == order.id)
    for case in AfterSale.select().where(waiting).order_by(AfterSale.id):
        if case.goods_fen + case.freight_fen == amount_fen:
            yield lambda case_id=case.id: _grant(case_id)
    if order.state in orders.PAID_STATES:
        yield lambda: give_money_back(order.order_no, (), WHY)
        lines = OrderLine.select().where(OrderLine.order == order.id).order_by(OrderLine.id)
        for line in lines.where(OrderLine.paid_fen > 0):
            for pieces in range(line.quantity - line.claimed, 0, -1):
                items: Sequence[tuple[int, int]] = ((line.id, pieces),)
                yield lambda chosen=items: give_money_back(order.order_no, chosen, WHY)


def _grant(case_id: int) -> None:
    case = locked_case(case_id)
    begin_refunding(case, _WAITING[case.state], WHY, "restore")


def _begun(begin: Any, payment_id: int, amount_fen: int) -> int | None:
    """Try a way; its refund if it comes to the right amount, else it is as if never tried."""
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
