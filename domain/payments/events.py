"""What other domains hear about money, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PaymentSucceeded:
    """Money of the right amount arrived and is booked; whether the order takes it is its own."""

    payment_id: int
    order_id: int
    amount_fen: int
    at: datetime


@dataclass(frozen=True)
class RefundSucceeded:
    """The buyer has the money back, through WeChat or by hand."""

    refund_id: int
    payment_id: int
    order_id: int
    case_id: int | None
    amount_fen: int
    is_by_hand: bool = False


@dataclass(frozen=True)
class RefundAbnormal:
    """WeChat could not give the money back; somebody must look (退款异常)."""

    refund_id: int
    order_id: int
    case_id: int | None
    why: str


@dataclass(frozen=True)
class RefundRetried:
    """An abnormal refund is on its way again under its old number."""

    refund_id: int
    case_id: int | None
