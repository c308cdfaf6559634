"""What other domains hear about after-sales cases, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseOpened:
    """A line has an open case (售后已申请). A case over several lines says so for each."""

    case_id: int
    line_id: int


@dataclass(frozen=True)
class CaseClosed:
    """The case of this line is over, with or without a refund (售后已结束)."""

    case_id: int
    line_id: int


@dataclass(frozen=True)
class LineRefunded:
    """Money of a line went back; before and after let others take back their share by ``due``."""

    case_id: int
    line_id: int
    order_id: int
    refunded_before_fen: int
    refunded_after_fen: int
    paid_fen: int
