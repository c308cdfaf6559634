"""Events that after-sales publishes; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseOpened:
    """A line has an open case (售后已申请); published for each line of the case."""

    case_id: int
    line_id: int


@dataclass(frozen=True)
class CaseClosed:
    """The case of a line ended, with or without a refund (售后已结束)."""

    case_id: int
    line_id: int


@dataclass(frozen=True)
class LineRefunded:
    """A line was refunded; subscribers give back their share by ``due`` of before and after."""

    case_id: int
    line_id: int
    order_id: int
    refunded_before_fen: int
    refunded_after_fen: int
    paid_fen: int
