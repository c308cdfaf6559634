"""Prepared SQL of the outbox."""

from __future__ import annotations

from typing import Any

from peewee import fn

from kernel.store import is_sqlite, prepared
from models import OutboxRow

OPEN = ("due", "leased", "dead")


def done(at: Any) -> Any:
    """The UPDATE that marks rows as done and ends their leases."""
    return OutboxRow.update(
        state="done",
        done_at=at,
        leased_by=None,
        leased_until=None,
        last_error=None,
        last_error_facts=None,
    )


def held(row_id: Any, worker: Any, attempt: Any) -> Any:
    """The condition that this worker holds a row for this attempt."""
    return (
        (OutboxRow.id == row_id)
        & (OutboxRow.state == "leased")
        & (OutboxRow.leased_by == worker)
        & (OutboxRow.attempts == attempt)
    )


def in_state(state: Any) -> Any:
    """The condition of a state, written so that rows are found by their ids.

    By the index on states MariaDB would lock the rows of all other workers.
    """
    return fn.COALESCE(OutboxRow.state, "") == state


@prepared
def due(now: Any, kinds: Any, limit: Any) -> Any:
    """Rows that may run now, the longest due first."""
    earlier = OutboxRow.alias("earlier")
    blocked = earlier.select(earlier.id).where(
        (earlier.order_key == OutboxRow.order_key)
        & (earlier.id < OutboxRow.id)
        & earlier.state.in_(OPEN)
    )
    return (
        OutboxRow.select(OutboxRow.id)
        .where(OutboxRow.state == "due")
        .where(OutboxRow.next_at <= now)
        .where(OutboxRow.kind.in_(kinds))
        .where(OutboxRow.order_key.is_null() | ~fn.EXISTS(blocked))
        .order_by(OutboxRow.next_at, OutboxRow.id)
        .limit(limit)
    )


@prepared
def expired(now: Any, limit: Any) -> Any:
    """Rows with an expired lease."""
    return (
        OutboxRow.select(OutboxRow.id)
        .where(OutboxRow.state == "leased")
        .where(OutboxRow.leased_until < now)
        .limit(limit)
    )


@prepared
def lease(ids: Any, worker: Any, until: Any) -> Any:
    """Lease rows to a worker."""
    return OutboxRow.update(
        state="leased",
        leased_by=worker,
        leased_until=until,
        attempts=OutboxRow.attempts + 1,
    ).where(OutboxRow.id.in_(ids))


@prepared
def finish(row_id: Any, worker: Any, attempt: Any, at: Any) -> Any:
    """Mark one row as done."""
    return done(at).where(held(row_id, worker, attempt))


@prepared
def finish_some(ids: Any, worker: Any, attempt: Any, at: Any) -> Any:
    """Mark some rows as done."""
    mine = (OutboxRow.leased_by == worker) & (OutboxRow.attempts == attempt)
    return done(at).where(OutboxRow.id.in_(ids) & in_state("leased") & mine)


@prepared
def free(ids: Any, state: Any, limit: Any) -> Any:
    """Lock rows in a state, skipping those that are locked."""
    query = (
        OutboxRow.select()
        .where(OutboxRow.id.in_(ids) & in_state(state))
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return query if is_sqlite() else query.for_update(skip_locked=True)
