"""Leases on rows: find, take, renew, finish, fail. Used by workers, not by faces.

A lease belongs to (worker, attempt). A worker that lost its lease can't mark the row any more, and
what it writes in the same transaction is rolled back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, TypeVar

from domain.outbox import statements
from kernel import clock
from kernel.errors import Conflict
from kernel.faults import Fault, fault_in, last_error
from kernel.store import is_sqlite
from models import OutboxRow

T = TypeVar("T")

RowState = Literal["due", "leased", "done", "dead", "skipped"]
LEASE = timedelta(seconds=60)
BATCH = 50
SPREAD = 4
"""A worker looks at this many times the rows it wants, so that parallel workers find enough."""

MAX_ATTEMPTS = 16
BACKOFF_MAX = timedelta(hours=1)
WORKER_LOST = "worker_lost"
"""The code of a row whose worker ended without a word; another one goes on."""


class LeaseLost(Conflict):
    """Another worker has taken the row; the transaction must be rolled back."""


class Outcome(StrEnum):
    """The result of an attempt."""

    DONE = "done"
    RETRIED = "retried"
    POSTPONED = "postponed"
    DEAD = "dead"
    LOST = "lost"


@dataclass(frozen=True)
class Claimed:
    """A row that this worker has leased."""

    id: int
    kind: str
    payload: dict[str, Any]
    order_key: str | None
    attempt: int
    fault: Fault | None
    request_id: str
    created_at: datetime


@dataclass(frozen=True)
class RunnableRows:
    """Rows that may be taken, rows with an expired lease, and how many are wanted."""

    due: tuple[int, ...]
    expired: tuple[int, ...]
    wanted: int = BATCH

    def __bool__(self) -> bool:
        return bool(self.due or self.expired)


def find_runnable(kinds: Sequence[str], limit: int) -> RunnableRows:
    """Rows that are due and have no earlier unfinished row with the same order key.

    It only reads and takes no lock, so that idle workers don't load the database's writer.
    """
    wanted = min(limit, BATCH)
    seen = wanted if is_sqlite() else wanted * SPREAD
    due = statements.due.all(clock.now(), list(kinds), seen)
    expired = statements.expired.all(clock.system_now(), BATCH)
    return RunnableRows(tuple(row.id for row in due), tuple(row.id for row in expired), wanted)


def lease_rows(
    found: RunnableRows, worker: str, max_attempts: int = MAX_ATTEMPTS
) -> list[Claimed]:
    """Lease up to the wanted number of rows, skipping locked ones; expired leases end.

    Rows whose lease expired become due again, or dead after the last attempt.
    """
    for row in _locked(found.expired, "leased", BATCH):
        if row.leased_until < clock.system_now():
            _retry_or_mark_dead(row, Fault(WORKER_LOST), max_attempts)
    rows = _locked(found.due, "due", found.wanted)
    if rows:
        statements.lease.run([row.id for row in rows], worker, clock.system_now() + LEASE)
    return [_claimed(row) for row in sorted(rows, key=lambda r: (r.next_at, r.id))]


def renew_leases(ids: Sequence[int], worker: str) -> set[int]:
    """Extend the leases of rows in work; returns the ids still held."""
    held = (
        OutboxRow.id.in_(list(ids))
        & statements.in_state("leased")
        & (OutboxRow.leased_by == worker)
    )
    OutboxRow.update(leased_until=clock.system_now() + LEASE).where(held).execute()
    still: Any = OutboxRow.select(OutboxRow.id).where(held).tuples()
    return {row_id for (row_id,) in still}


def return_rows(rows: Sequence[Claimed], worker: str) -> None:
    """Return rows that a stopping worker did not begin; the attempt is not counted."""
    for row in rows:
        OutboxRow.update(
            state="due", attempts=OutboxRow.attempts - 1, leased_by=None, leased_until=None
        ).where(statements.held(row.id, worker, row.attempt)).execute()


def finish_row(row_id: int, worker: str, attempt: int) -> None:
    """Mark a row as done. Raises LeaseLost."""
    if not statements.finish.run(row_id, worker, attempt, clock.now()):
        raise LeaseLost("outbox_lease_lost", row=row_id)


def finish_all(rows: Sequence[Claimed], worker: str) -> None:
    """Mark rows as done. Raises LeaseLost if one lease was lost; none is marked then."""
    at = clock.now()
    for attempt in {row.attempt for row in rows}:
        ids = [row.id for row in rows if row.attempt == attempt]
        if statements.finish_some.run(ids, worker, attempt, at) != len(ids):
            raise LeaseLost("outbox_lease_lost", row=ids)


def finish_with(
    row_id: int, worker: str, attempt: int, verb: Callable[..., T], *args: Any, **kwargs: Any
) -> T:
    """Run a verb and mark the row done in the same transaction. Raises LeaseLost."""
    finish_row(row_id, worker, attempt)
    return verb(*args, **kwargs)


def is_done(row_id: int) -> bool:
    """True if the row is done, skipped or deleted."""
    row = OutboxRow.get_or_none(OutboxRow.id == row_id)
    return row is None or row.state in ("done", "skipped")


def record_failed_attempt(
    row: Claimed, worker: str, fault: Fault, max_attempts: int, *, hopeless: bool = False
) -> Outcome:
    """Repeat a failed attempt after a growing pause; after the last one the row is dead."""
    dead = hopeless or row.attempt >= max_attempts
    changed = (
        OutboxRow.update(
            state="dead" if dead else "due",
            next_at=clock.now() + backoff(row.attempt),
            leased_by=None,
            leased_until=None,
            **last_error(fault),
        )
        .where(statements.held(row.id, worker, row.attempt))
        .execute()
    )
    if not changed:
        return Outcome.LOST
    return Outcome.DEAD if dead else Outcome.RETRIED


def postpone(row: Claimed, worker: str, until: datetime, fault: Fault) -> Outcome:
    """Let a row that can't run yet wait until an instant; the attempt is not counted."""
    changed = (
        OutboxRow.update(
            state="due",
            next_at=until,
            attempts=OutboxRow.attempts - 1,
            leased_by=None,
            leased_until=None,
            **last_error(fault),
        )
        .where(statements.held(row.id, worker, row.attempt))
        .execute()
    )
    return Outcome.POSTPONED if changed else Outcome.LOST


def backoff(attempt: int) -> timedelta:
    """The pause before the next attempt: 2, 4, 8 … seconds up to an hour, varied by a quarter."""
    base = min(BACKOFF_MAX, timedelta(seconds=2 ** min(attempt, 12)))
    return base * random.uniform(0.75, 1.25)  # noqa: S311


def _locked(ids: Sequence[int], state: str, limit: int) -> list[Any]:
    """Lock some of these rows that are still in a state, skipping locked ones."""
    return statements.free.all(list(ids), state, limit) if ids else []


def _retry_or_mark_dead(row: Any, fault: Fault, max_attempts: int) -> None:
    dead = row.attempts >= max_attempts
    OutboxRow.update(
        state="dead" if dead else "due",
        next_at=clock.now(),
        leased_by=None,
        leased_until=None,
        **last_error(fault),
    ).where(OutboxRow.id == row.id).execute()


def _claimed(row: Any) -> Claimed:
    return Claimed(
        id=row.id,
        kind=row.kind,
        payload=row.payload,
        order_key=row.order_key,
        attempt=row.attempts + 1,
        fault=fault_in(row.last_error, row.last_error_facts),
        request_id=row.request_id or "-",
        created_at=row.created_at,
    )
