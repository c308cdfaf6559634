"""A payment in doubt (付款存疑): published once when it begins, and once when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.payments import statements
from domain.payments.events import Outcome, PaymentDecided, PaymentDoubted
from domain.payments.queries import is_for, payable_ref
from kernel import clock, events
from models import Payment

DOUBT_AFTER = timedelta(minutes=1)
"""A query without an answer this soon after the opening is normal and no doubt."""


def begin_doubt(row: Any, *, is_at_once: bool = False) -> None:
    """Record that WeChat gave no usable answer about an attempt that may have been paid.

    Published once for each payable, and not within a minute of the opening unless ``is_at_once``.
    """
    if row.state != "open" or row.opened_at is None:
        return
    if not is_at_once and clock.now() < row.opened_at + DOUBT_AFTER:
        return
    mine = is_for((row.payable_kind,), row.payable_id)
    told = mine & Payment.doubted_at.is_null(False)
    if Payment.select(Payment.id).where(told).exists():
        return
    fresh = (Payment.id == row.id) & (Payment.state == "open") & Payment.doubted_at.is_null()
    if Payment.update(doubted_at=clock.now()).where(fresh).execute() == 1:
        events.publish(PaymentDoubted(row.id, payable_ref(row), row.amount_fen))


def end_doubt(row: Any, outcome: Outcome, amount_fen: int) -> None:
    """Record the result of an attempt; published once, and only if the attempt was in doubt."""
    if statements.end_doubt.run(row.id, clock.now()) == 1:
        events.publish(PaymentDecided(row.id, payable_ref(row), amount_fen, outcome))
