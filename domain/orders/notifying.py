"""Notices to buyers, sent on events of orders and payments."""

from __future__ import annotations

from domain.notices import notify
from domain.orders import notices, statements
from domain.orders.events import OrderPaid, OrderShipped
from domain.orders.paying import is_of_order
from domain.payments.events import PaymentDecided, PaymentDoubted, RefundSucceeded
from kernel.events import subscribe
from models import Order, Parcel


def subscribe_all() -> None:
    """Subscribe to payments, parcels and refunds."""
    subscribe(OrderPaid, on_paid)
    subscribe(OrderShipped, on_shipped)
    subscribe(RefundSucceeded, on_refunded)
    subscribe(PaymentDoubted, on_doubted)
    subscribe(PaymentDecided, on_decided)


def on_paid(event: OrderPaid) -> None:
    """Notify the buyer that the order is paid."""
    order = statements.notice_of_payment.first(event.order_id)
    notify(order.member_id, notices.OrderPaid(order_id=order.id, fen=order.paid_fen))


def on_shipped(event: OrderShipped) -> None:
    """Notify the buyer of the parcel's carrier and number."""
    order, parcel = Order.get_by_id(event.order_id), Parcel.get_by_id(event.parcel_id)
    told = notices.OrderShipped(
        order_id=order.id, company=parcel.company, tracking_no=parcel.tracking_no
    )
    notify(order.member_id, told)


def on_refunded(event: RefundSucceeded) -> None:
    """Notify the buyer of the refunded amount."""
    if not is_of_order(event.payable):
        return
    told = notices.OrderRefunded(order_id=event.payable.id, fen=event.amount_fen)
    notify(Order.get_by_id(event.payable.id).member_id, told)


def on_doubted(event: PaymentDoubted) -> None:
    """Notify the buyer that the payment is being checked, so that they don't pay again."""
    if not is_of_order(event.payable):
        return
    order = Order.get_by_id(event.payable.id)
    notify(order.member_id, notices.PaymentDoubted(order_id=order.id, fen=event.amount_fen))


def on_decided(event: PaymentDecided) -> None:
    """Notify the buyer how a payment in doubt ended; ``OrderPaid`` has its own notice."""
    if not is_of_order(event.payable):
        return
    order = Order.get_by_id(event.payable.id)
    fen = event.amount_fen
    if event.outcome == "unpaid":
        if order.paid_at is None:
            notify(order.member_id, notices.PaymentUnpaid(order_id=order.id, fen=fen))
    elif event.outcome == "returned":
        notify(order.member_id, notices.PaymentReturned(order_id=order.id, fen=fen))
