"""The order as a kind of payable (订单应付项): asking for its money, and taking it."""

from __future__ import annotations

from typing import Literal

from domain import audit, members, payments
from domain.orders.paying import of_order
from domain.orders.service import mark_paid, order_id_of, refuse_unproven_buyer
from domain.orders.steps import lock_order
from domain.payments import (
    Channel,
    Payable,
    PayableRef,
    PaymentForm,
    PaymentTicket,
    ReceivedPayment,
    RejectedPayment,
)
from kernel import clock
from kernel.errors import Conflict
from models import Order, OrderLine

ORDER = of_order("order")


def begin_order_payment(
    order_no: str, member_id: int, channel: Channel, mchid: str, appid: str
) -> PaymentTicket:
    """Begin a payment for an order that waits for one (发起支付).

    Raises NotFound for another's order, Conflict('order_not_payable', 'age_unproven').
    """
    order = lock_order(order_id_of(order_no, member_id))
    if order.state != "awaiting_payment" or order.pay_by_at <= clock.now():
        raise Conflict("order_not_payable", state=order.state)
    refuse_unproven_buyer(order)
    known = members.identity(member_id, appid) if channel == "jsapi" else None
    titles = OrderLine.select(OrderLine.title).where(OrderLine.order == order.id)
    first = titles.order_by(OrderLine.id).first()
    return payments.begin_payment(
        PaymentForm(
            payable=PayableRef(ORDER, order.id, order.order_no),
            amount_fen=order.payable_fen,
            channel=channel,
            mchid=mchid,
            appid=appid,
            description=first.title,
            expires_at=order.pay_by_at,
            openid=known.openid if known is not None else None,
        )
    )


def take_payment(arrived: ReceivedPayment) -> RejectedPayment | None:
    """Book a payment that arrived on its order, or say why it is refunded (付款成功)."""
    order_id = arrived.payable.id
    if mark_paid(order_id, arrived.amount_fen, arrived.at, arrived.payment_id):
        return None
    is_second = Order.get_by_id(order_id).paid_at is not None
    cause: Literal["late", "duplicate"] = "duplicate" if is_second else "late"
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
    return RejectedPayment(cause)


def find_order(order_no: str) -> int | None:
    """The id of the order with this number, or None."""
    row = Order.select(Order.id).where(Order.order_no == order_no).first()
    return None if row is None else int(row.id)


PAYABLE = Payable(ORDER, take_payment, find_order, page="/admin/orders/{no}")
