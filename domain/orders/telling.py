"""Buyers are told of their orders: what orders and payments publish becomes a notice."""

from __future__ import annotations

from domain.notices import notify
from domain.orders import notices, statements
from domain.orders.events import OrderPaid, OrderShipped
from domain.orders.paying import is_of_order
from domain.payments.events import PaymentDecided, PaymentDoubted, RefundSucceeded
from kernel.events import subscribe
from models import Order, Parcel


def subscribe_all() -> None:
    """Hear of money and parcels."""
    subscribe(OrderPaid, on_paid)
    subscribe(OrderShipped, on_shipped)
    subscribe(RefundSucceeded, on_refunded)
    subscribe(PaymentDoubted, on_doubted)
    subscribe(PaymentDecided, on_decided)


def on_paid(event: OrderPaid) -> None:
    """The buyer reads that the money arrived and when the goods leave."""
    order = statements.told.first(event.order_id)
    notify(order.member_id, notices.OrderPaid(order_id=order.id, fen=order.paid_fen))


def on_shipped(event: OrderShipped) -> None:
    """The buyer reads who carries the parcel, and its number."""
    order, parcel = Order.get_by_id(event.order_id), Parcel.get_by_id(event.parcel_id)
    told = notices.OrderShipped(
        order_id=order.id, company=parcel.company, tracking_no=parcel.tracking_no
    )
    notify(order.member_id, told)


def on_refunded(event: RefundSucceeded) -> None:
    """The buyer reads how much went back."""
    if not is_of_order(event.payable):
        return
    told = notices.OrderRefunded(order_id=event.payable.id, fen=event.amount_fen)
    notify(Order.get_by_id(event.payable.id).member_id, told)


def on_doubted(event: PaymentDoubted) -> None:
    """The buyer reads that nobody knows yet, and need not pay again."""
    if not is_of_order(event.payable):
        return
    order = Order.get_by_id(event.payable.id)
    notify(order.member_id, notices.PaymentDoubted(order_id=order.id, fen=event.amount_fen))


def on_decided(event: PaymentDecided) -> None:
    """The buyer reads how it ended. Of an order that is paid they have read already."""
    if not is_of_order(event.payable):
        return
    order = Order.get_by_id(event.payable.id)
    fen = event.amount_fen
    if event.outcome == "unpaid":
        if order.paid_at is None:
            notify(order.member_id, notices.PaymentUnpaid(order_id=order.id, fen=fen))
    elif event.outcome == "returned":
        notify(order.member_id, notices.PaymentReturned(order_id=order.id, fen=fen))
