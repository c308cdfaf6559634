"""Reads of the outbox, for the merchant's pages and the health check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from kernel import clock
from kernel.faults import Fault, fault_in
from models import OutboxRow, PeriodicJob

LAG_MOST = timedelta(minutes=5)


@dataclass(frozen=True)
class DeadLetter:
    """A row that failed for good and waits for a person (死信)."""

    id: int
    kind: str
    payload: dict[str, Any]
    order_key: str | None
    attempts: int
    fault: Fault | None
    created_at: datetime
    waiting: int  # rows behind it with the same order key


@dataclass(frozen=True)
class Counts:
    """The size of the outbox; ``lag`` is how long the oldest runnable row has waited."""

    due: int
    leased: int
    dead: int
    lag: timedelta


@dataclass(frozen=True)
class RetriedRow:
    """A row that failed at least once and will be retried."""

    kind: str
    attempts: int
    fault: Fault | None
    next_at: datetime
    is_running: bool
    created_at: datetime


@dataclass(frozen=True)
class PeriodicRow:
    """A periodic job, for the merchant's page."""

    name: str
    due_at: datetime
    last_ran_at: datetime | None
    failures: int
    did: dict[str, Any] | None  # None: it has not run, or it failed
    fault: Fault | None  # None unless its last run failed


def payloads_since(kind: str, since: datetime) -> list[dict[str, Any]]:
    """Payloads of rows of one kind added after an instant, in any state."""
    rows = OutboxRow.select(OutboxRow.payload).where(
        (OutboxRow.kind == kind) & (OutboxRow.created_at > since)
    )
    return [dict(row.payload) for row in rows]


def list_dead_letters(before_id: int | None = None, limit: int = 20) -> list[DeadLetter]:
    """Dead letters, newest first; ``before_id`` is the last id of the page before."""
    query = OutboxRow.select().where(OutboxRow.state == "dead")
    if before_id is not None:
        query = query.where(OutboxRow.id < before_id)
    rows = list(query.order_by(OutboxRow.id.desc()).limit(limit))
    waiting = _waiting([row.order_key for row in rows if row.order_key])
    return [
        DeadLetter(
            id=row.id,
            kind=row.kind,
            payload=row.payload,
            order_key=row.order_key,
            attempts=row.attempts,
            fault=fault_in(row.last_error, row.last_error_facts),
            created_at=row.created_at,
            waiting=waiting.get(row.order_key, 0),
        )
        for row in rows
    ]


def counts() -> Counts:
    """Open rows by state, and the lag of the oldest row that is due.

    Rows that wait behind a dead letter count for the lag, since they are late, too.
    """
    grouped: Any = (
        OutboxRow.select(OutboxRow.state, fn.COUNT(OutboxRow.id))
        .where(OutboxRow.state.in_(("due", "leased", "dead")))
        .group_by(OutboxRow.state)
    )
    by_state: dict[str, int] = dict(grouped.tuples())
    now = clock.now()
    oldest = (
        OutboxRow.select(OutboxRow.next_at)
        .where((OutboxRow.state == "due") & (OutboxRow.next_at <= now))
        .order_by(OutboxRow.next_at, OutboxRow.id)
        .first()
    )
    return Counts(
        due=by_state.get("due", 0),
        leased=by_state.get("leased", 0),
        dead=by_state.get("dead", 0),
        lag=now - oldest.next_at if oldest else timedelta(0),
    )


def outbox_problem() -> str | None:
    """Why the outbox needs attention, or None; for the health check."""
    found = counts()
    if found.lag > LAG_MOST:
        return f"the oldest row has waited {found.lag.total_seconds():.0f} s"
    if found.dead:
        return f"{found.dead} dead letters"
    return None


def list_retried(limit: int = 20) -> list[RetriedRow]:
    """Rows that failed and are being retried, oldest first."""
    open_again = OutboxRow.state.in_(("due", "leased")) & OutboxRow.last_error.is_null(False)
    rows = OutboxRow.select().where(open_again & (OutboxRow.attempts > 0))
    return [
        RetriedRow(
            row.kind,
            row.attempts,
            fault_in(row.last_error, row.last_error_facts),
            row.next_at,
            row.state == "leased",
            row.created_at,
        )
        for row in rows.order_by(OutboxRow.id).limit(limit)
    ]


def list_periodic_jobs() -> list[PeriodicRow]:
    """Every periodic job: when it is due, and its last result."""
    return [
        PeriodicRow(
            name=row.name,
            due_at=row.due_at,
            last_ran_at=row.last_ran_at,
            failures=row.failures,
            did=row.last_did,
            fault=fault_in(row.last_result, row.last_result_facts) if row.failures else None,
        )
        for row in PeriodicJob.select().order_by(PeriodicJob.name)
    ]


def _waiting(keys: list[str]) -> dict[str, int]:
    if not keys:
        return {}
    grouped: Any = (
        OutboxRow.select(OutboxRow.order_key, fn.COUNT(OutboxRow.id))
        .where(OutboxRow.order_key.in_(keys) & (OutboxRow.state == "due"))
        .group_by(OutboxRow.order_key)
    )
    return dict(grouped.tuples())
