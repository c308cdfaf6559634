"""Events that payments publish; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.payments.payables import PayableRef

Outcome = Literal["paid", "returned", "unpaid"]


@dataclass(frozen=True)
class PaymentDoubted:
    """WeChat gave no usable answer: it is not known whether the attempt was paid (付款存疑)."""

    payment_id: int
    payable: PayableRef
    amount_fen: int


@dataclass(frozen=True)
class PaymentDecided:
    """The result of an attempt in doubt is known; ``returned``: it was paid and is refunded."""

    payment_id: int
    payable: PayableRef
    amount_fen: int
    outcome: Outcome


@dataclass(frozen=True)
class RefundSucceeded:
    """A refund succeeded, through WeChat or by hand."""

    refund_id: int
    payment_id: int
    payable: PayableRef
    case_id: int | None
    amount_fen: int
    is_by_hand: bool = False


@dataclass(frozen=True)
class RefundAbnormal:
    """WeChat could not make a refund; a person must look at it (退款异常)."""

    refund_id: int
    payable: PayableRef
    case_id: int | None
    why: str  # the code of WeChat's refusal, or of the refund's state there


@dataclass(frozen=True)
class RefundRetried:
    """An abnormal refund is sent again under its number."""

    refund_id: int
    case_id: int | None
