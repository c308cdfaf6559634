"""What other domains hear about orders, in the same transaction."""

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
    """The order is paid, or costs nothing (已付款)."""

    order_id: int


@dataclass(frozen=True)
class OrderPaidLate:
    """The order was paid hours ago, and only now we know: its day may have been summed up."""

    order_id: int
    at: datetime


@dataclass(frozen=True)
class OrderCancelled:
    """The order was never paid and never will be (已取消)."""

    order_id: int


@dataclass(frozen=True)
class OrderShipped:
    """A parcel of the order left (已发货)."""

    order_id: int
    parcel_id: int


@dataclass(frozen=True)
class OrderReceived:
    """The buyer has everything, by their word or by time (已收货)."""

    order_id: int
    at: datetime


@dataclass(frozen=True)
class OrderCompleted:
    """The time for returns is over (已完成)."""

    order_id: int


@dataclass(frozen=True)
class OrderRefunded:
    """Everything that was paid went back (已退款)."""

    order_id: int
