"""The order as a kind of payable (订单应付项)."""

from __future__ import annotations

from domain import audit
from domain.orders.paying import ORDER
from domain.orders.service import mark_paid
from domain.payments import Payable, ReceivedPayment, RejectedPayment
from models import Order


def take_payment(arrived: ReceivedPayment) -> RejectedPayment | None:
    """Book a payment that arrived on its order, or say why it is refunded (付款成功)."""
    order_id = arrived.payable.id
    if mark_paid(order_id, arrived.amount_fen, arrived.at, arrived.payment_id):
        return None
    is_second = Order.get_by_id(order_id).paid_at is not None
    cause, reason = ("duplicate", "重复付款退回") if is_second else ("late", "订单已关闭,付款退回")
    audit.record_event(
        "order.payment_returned",
        "order",
        order_id,
        facts={
            "payment_id": arrived.payment_id,
            "amount_fen": arrived.amount_fen,
            "cause": cause,
        },
    )
    return RejectedPayment(cause, reason)


def find_order(order_no: str) -> int | None:
    """The id of the order with this number, or None."""
    row = Order.select(Order.id).where(Order.order_no == order_no).first()
    return None if row is None else int(row.id)


PAYABLE = Payable(ORDER, take_payment, find_order)
