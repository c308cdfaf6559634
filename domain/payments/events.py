"""What other domains hear about money, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.payments.payables import PayableRef

Outcome = Literal["paid", "returned", "unpaid"]


@dataclass(frozen=True)
class PaymentDoubted:
    """Nobody can say yet whether an attempt was paid: WeChat owes an answer (付款存疑)."""

    payment_id: int
    payable: PayableRef
    amount_fen: int


@dataclass(frozen=True)
class PaymentDecided:
    """An attempt that was in doubt is known; money that is ``returned`` goes back by itself."""

    payment_id: int
    payable: PayableRef
    amount_fen: int
    outcome: Outcome


@dataclass(frozen=True)
class RefundSucceeded:
    """The buyer has the money back, through WeChat or by hand."""

    refund_id: int
    payment_id: int
    payable: PayableRef
    case_id: int | None
    amount_fen: int
    is_by_hand: bool = False


@dataclass(frozen=True)
class RefundAbnormal:
    """WeChat could not give the money back; somebody must look (退款异常)."""

    refund_id: int
    payable: PayableRef
    case_id: int | None
    why: str


@dataclass(frozen=True)
class RefundRetried:
    """An abnormal refund is on its way again under its old number."""

    refund_id: int
    case_id: int | None
