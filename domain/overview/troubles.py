"""What goes wrong behind the shop's back, mended by itself or not, for the merchant (运行状况).

Each is worked out from rows, so that every process tells the same. Nothing here stops anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import fn

from domain.payments.clocks import clocks_apart
from kernel import clock
from models import Order, OutboxRow, Payment, PayNotice, PeriodicJob, Refund, Withdrawal

NOTICE_PATIENCE = timedelta(minutes=5)  # WeChat's first retries are over by then
NOTICE_DAY = timedelta(days=1)
STALLED_AFTER = timedelta(minutes=3)
EVER = datetime(2000, 1, 1, tzinfo=UTC)  # for "not null" SQLite would read every row
SENT = ("paying", "cancelling")


@dataclass(frozen=True)
class Trouble:
    """One line for the merchant: a stable code, how many are concerned, and its facts."""

    code: str
    count: int
    facts: dict[str, Any] = field(default_factory=dict)


def troubles() -> list[Trouble]:
    """Everything that is not as it should be right now, the gravest first."""
    found = [_stalled(), *_clocks(), _payments(), _refunds(), _payouts(), _notices(), _retried()]
    return [each for each in found if each is not None]


def _stalled() -> Trouble | None:
    """No worker has run a job for minutes: notices, refunds and payouts all wait."""
    last = PeriodicJob.select(fn.MAX(PeriodicJob.last_ran_at)).scalar()
    waiting = clock.now() - last if last is not None else timedelta(0)
    if waiting < STALLED_AFTER:
        return None
    due = OutboxRow.select().where(OutboxRow.state.in_(("due", "leased"))).count()
    return Trouble("jobs_stalled", due, {"minutes": int(waiting.total_seconds()) // 60})


def _clocks() -> list[Trouble]:
    """A machine whose clock is not WeChat's: beyond five minutes every call is refused."""
    return [
        Trouble(
            "clock_slow" if seconds > 0 else "clock_fast",
            1,
            {"machine": machine, "minutes": (abs(seconds) + 30) // 60},
        )
        for machine, seconds in sorted(clocks_apart().items())
    ]


def _payments() -> Trouble | None:
    """Payments about which the last call to WeChat brought no clear answer."""
    asked = (Payment.next_query_at >= EVER) & Payment.last_error.is_null(False)
    return _some("payments_unanswered", Payment.select().where(asked).count())


def _refunds() -> Trouble | None:
    asked = (Refund.next_query_at >= EVER) & Refund.last_error.is_null(False)
    return _some("refunds_unanswered", Refund.select().where(asked).count())


def _payouts() -> Trouble | None:
    asked = Withdrawal.state.in_(SENT) & Withdrawal.fail_reason.is_null(False)
    return _some("payouts_unanswered", Withdrawal.select().where(asked).count())


def _notices() -> Trouble | None:
    """Payments of the last day that were found by asking, since no notification came."""
    now = clock.now()
    came = PayNotice.select(PayNotice.id).where(PayNotice.out_number == Payment.out_trade_no)
    paid = (
        Order.select()
        .join(Payment, on=(Order.payment_id == Payment.id))
        .where((Order.paid_at >= now - NOTICE_DAY) & (Order.paid_at <= now - NOTICE_PATIENCE))
    )
    return _some("notices_missing", paid.where(~fn.EXISTS(came)).count())


def _retried() -> Trouble | None:
    """Consequences that failed and are tried again by themselves."""
    failed = (OutboxRow.state == "due") & (OutboxRow.attempts > 0)
    return _some("tasks_retried", OutboxRow.select().where(failed).count())


def _some(code: str, count: int) -> Trouble | None:
    return Trouble(code, count) if count else None
