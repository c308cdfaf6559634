"""Notices to buyers about their orders, each with the event on which it is sent (订单通知)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import (
    Company,
    Fen,
    MemberNotice,
    Number,
    Occasion,
    TrackingNo,
    notify,
    sent_on,
)
from domain.orders import events, statements
from domain.orders.paying import is_of_order
from domain.payments import events as of_payments
from models import Order, Parcel

_PAGE = "/m/orders/{order_no}"


@dataclass(frozen=True, kw_only=True)
class OrderPaid(MemberNotice):
    """The order is paid (付款成功)."""

    KEY: ClassVar[str] = "order_paid"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "order_paid"
    order_id: int
    fen: Fen

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@sent_on(events.OrderPaid)
def on_paid(event: events.OrderPaid) -> None:
    """Notify the buyer that the order is paid."""
    order = statements.notice_of_payment.first(event.order_id)
    notify(order.member_id, OrderPaid(order_id=order.id, fen=order.paid_fen))


@dataclass(frozen=True, kw_only=True)
class OrderShipped(MemberNotice):
    """A parcel was shipped: carrier and tracking number (已发货)."""

    KEY: ClassVar[str] = "order_shipped"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "order_shipped"
    order_id: int
    company: Company = ""
    tracking_no: TrackingNo = ""

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@sent_on(events.OrderShipped)
def on_shipped(event: events.OrderShipped) -> None:
    """Notify the buyer of the parcel's carrier and number."""
    order, parcel = Order.get_by_id(event.order_id), Parcel.get_by_id(event.parcel_id)
    told = OrderShipped(order_id=order.id, company=parcel.company, tracking_no=parcel.tracking_no)
    notify(order.member_id, told)


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(MemberNotice):
    """A refund arrived: its amount (已退款)."""

    KEY: ClassVar[str] = "order_refunded"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "refund"
    order_id: int
    fen: Fen

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@sent_on(of_payments.RefundSucceeded)
def on_refunded(event: of_payments.RefundSucceeded) -> None:
    """Notify the buyer of the refunded amount."""
    if not is_of_order(event.payable):
        return
    told = OrderRefunded(order_id=event.payable.id, fen=event.amount_fen)
    notify(Order.get_by_id(event.payable.id).member_id, told)


@dataclass(frozen=True, kw_only=True)
class PaymentDoubted(MemberNotice):
    """WeChat has not said yet whether the payment succeeded (付款核实中)."""

    KEY: ClassVar[str] = "payment_doubted"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "payment_check"
    order_id: int
    fen: Fen

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@sent_on(of_payments.PaymentDoubted)
def on_doubted(event: of_payments.PaymentDoubted) -> None:
    """Notify the buyer that the payment is being checked, so that they don't pay again."""
    if not is_of_order(event.payable):
        return
    order = Order.get_by_id(event.payable.id)
    notify(order.member_id, PaymentDoubted(order_id=order.id, fen=event.amount_fen))


@dataclass(frozen=True, kw_only=True)
class PaymentUnpaid(MemberNotice):
    """A payment in doubt was not made (没有扣款)."""

    KEY: ClassVar[str] = "payment_unpaid"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "payment_check"
    order_id: int
    fen: Fen

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)

    @property
    def is_payable(self) -> bool:
        """Whether the order still waits for its payment."""
        return str(Order.get_by_id(self.order_id).state) == "awaiting_payment"


@dataclass(frozen=True, kw_only=True)
class PaymentReturned(MemberNotice):
    """A payment in doubt was made, but the order can't take it: it is refunded (退回中)."""

    KEY: ClassVar[str] = "payment_returned"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "payment_check"
    order_id: int
    fen: Fen

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@sent_on(of_payments.PaymentDecided)
def on_decided(event: of_payments.PaymentDecided) -> None:
    """Notify the buyer how a payment in doubt ended; ``OrderPaid`` has its own notice."""
    if not is_of_order(event.payable):
        return
    order = Order.get_by_id(event.payable.id)
    fen = event.amount_fen
    if event.outcome == "unpaid":
        if order.paid_at is None:
            notify(order.member_id, PaymentUnpaid(order_id=order.id, fen=fen))
    elif event.outcome == "returned":
        notify(order.member_id, PaymentReturned(order_id=order.id, fen=fen))


def order_no_of(order_id: int) -> str:
    """The number of an order."""
    return str(Order.get_by_id(order_id).order_no)
