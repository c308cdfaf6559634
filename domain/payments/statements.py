"""Prepared SQL of payments, used by notifications."""

from __future__ import annotations

from functools import cache
from typing import Any

from kernel.store import Prepared, prepared
from models import Payment, PayNotice


@prepared
def id_of(out_trade_no: Any) -> Any:
    """The attempt with this number."""
    return Payment.select(Payment.id).where(Payment.out_trade_no == out_trade_no)


@prepared
def numbers_in(kinds: Any, payable_id: Any, states: Any) -> Any:
    """Numbers of the attempts to pay one id under these kinds, in these states, oldest first."""
    mine = Payment.payable_kind.in_(kinds) & (Payment.payable_id == payable_id)
    mine &= Payment.state.in_(states)
    return Payment.select(Payment.out_trade_no).where(mine).order_by(Payment.id)


@prepared
def record_notice_outcome(notice_id: Any, outcome: Any) -> Any:
    """Record a notification's outcome."""
    return PayNotice.update(outcome=outcome).where(PayNotice.notice_id == notice_id)


@prepared
def end_doubt(payment_id: Any, at: Any) -> Any:
    """Record that an attempt is no longer in doubt."""
    standing = (Payment.id == payment_id) & Payment.doubted_at.is_null(False)
    return Payment.update(doubt_ended_at=at).where(standing & Payment.doubt_ended_at.is_null())


@cache
def step(sources: tuple[str, ...], names: tuple[str, ...]) -> Prepared:
    """Change an attempt that is in one of these states; ``names`` are the columns.

    Parameters: the attempt, then a value for each column.
    """

    def build(payment_id: Any, *values: Any) -> Any:
        allowed = (Payment.id == payment_id) & Payment.state.in_(sources)
        return Payment.update(**dict(zip(names, values, strict=True))).where(allowed)

    return prepared(build)
