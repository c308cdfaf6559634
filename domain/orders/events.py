"""Events that orders publish; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OrderPlaced:
    """An order was placed; its lines and prices are final (已下单)."""

    order_id: int
    member_id: int


@dataclass(frozen=True)
class OrderPaid:
    """The order is paid, or costs nothing (已付款); ``delivery`` is its kind of delivery."""

    order_id: int
    delivery: str = "express"


@dataclass(frozen=True)
class OrderPaidLate:
    """The order was paid hours before we learnt of it; its day may be sealed already."""

    order_id: int
    at: datetime


@dataclass(frozen=True)
class OrderCancelled:
    """An unpaid order was cancelled; WeChat takes no more payments for it (已取消)."""

    order_id: int


@dataclass(frozen=True)
class OrderShipped:
    """A parcel of the order was shipped (已发货)."""

    order_id: int
    parcel_id: int


@dataclass(frozen=True)
class OrderReceived:
    """The buyer confirmed receipt, or the time for receipt is over (已收货)."""

    order_id: int
    at: datetime
    confirmed_by: int | None = None
    """The buyer who confirmed it; None if the time was over, or a friend got a gift."""


@dataclass(frozen=True)
class OrderCompleted:
    """The time for returns is over (已完成)."""

    order_id: int


@dataclass(frozen=True)
class OrderRefunded:
    """Everything that was paid was refunded (已退款)."""

    order_id: int
