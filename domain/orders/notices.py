"""Notices to buyers about their orders (订单通知)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import Company, Fen, MemberNotice, Number, Occasion, TrackingNo
from models import Order

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


def order_no_of(order_id: int) -> str:
    """The number of an order."""
    return str(Order.get_by_id(order_id).order_no)
