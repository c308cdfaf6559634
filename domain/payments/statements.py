"""What a notification asks the database: statements whose SQL is made once."""

from __future__ import annotations

from functools import cache
from typing import Any

from kernel.store import Prepared, prepared
from models import Payment, PayNotice


@prepared
def id_of(out_trade_no: Any) -> Any:
    """The attempt that a number names."""
    return Payment.select(Payment.id).where(Payment.out_trade_no == out_trade_no)


@prepared
def numbers_in(kinds: Any, payable_id: Any, states: Any) -> Any:
    """The numbers of attempts to pay one id under these kinds, in these states, oldest first."""
    mine = Payment.payable_kind.in_(kinds) & (Payment.payable_id == payable_id)
    mine &= Payment.state.in_(states)
    return Payment.select(Payment.out_trade_no).where(mine).order_by(Payment.id)


@prepared
def note_outcome(notice_id: Any, outcome: Any) -> Any:
    """Keep what a notification led to."""
    return PayNotice.update(outcome=outcome).where(PayNotice.notice_id == notice_id)


@prepared
def end_doubt(payment_id: Any, at: Any) -> Any:
    """What became of an attempt that was in doubt is known from now on."""
    standing = (Payment.id == payment_id) & Payment.doubted_at.is_null(False)
    return Payment.update(doubt_ended_at=at).where(standing & Payment.doubt_ended_at.is_null())


@cache
def step(sources: tuple[str, ...], names: tuple[str, ...]) -> Prepared:
    """An attempt leaves one of these states; ``names`` are the columns that change.

    Parameters: the attempt, then a value for each column.
    """

    def build(payment_id: Any, *values: Any) -> Any:
        allowed = (Payment.id == payment_id) & Payment.state.in_(sources)
        return Payment.update(**dict(zip(names, values, strict=True))).where(allowed)

    return prepared(build)
