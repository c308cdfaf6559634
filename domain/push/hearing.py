"""What push hears of orders and refunds, and tells their buyer (订单状态通知)."""

from __future__ import annotations

from domain.orders.events import OrderPaid, OrderShipped
from domain.outbox import tell
from domain.payments.events import RefundSucceeded
from kernel.events import subscribe
from models import Order, Parcel


def subscribe_all() -> None:
    """Hear of money and parcels."""
    subscribe(OrderPaid, on_paid)
    subscribe(OrderShipped, on_shipped)
    subscribe(RefundSucceeded, on_refunded)


def on_paid(event: OrderPaid) -> None:
    """The buyer reads that the money arrived and when the goods leave."""
    order = Order.get_by_id(event.order_id)
    tell(order.member_id, "order_paid", order_id=event.order_id, fen=order.paid_fen)


def on_shipped(event: OrderShipped) -> None:
    """The buyer reads who carries the parcel, and its number."""
    order, parcel = Order.get_by_id(event.order_id), Parcel.get_by_id(event.parcel_id)
    tell(
        order.member_id,
        "order_shipped",
        order_id=event.order_id,
        company=parcel.company,
        tracking_no=parcel.tracking_no,
    )


def on_refunded(event: RefundSucceeded) -> None:
    """The buyer reads how much went back."""
    order = Order.get_by_id(event.order_id)
    tell(order.member_id, "order_refunded", order_id=event.order_id, fen=event.amount_fen)
