"""Adding rows to the outbox, and the merchant's decisions about dead letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from domain import audit
from domain.outbox.ports import WakePort
from kernel import clock
from kernel.context import request_id
from kernel.errors import Conflict, NotFound
from kernel.store import after_commit, insert_row, lock_row
from models import OutboxRow

KEPT = timedelta(days=7)
_wake: Callable[[], None] | None = None


def install_wake(port: WakePort | None) -> None:
    """Set how this process wakes the workers; without it they poll each second."""
    global _wake
    _wake = port.wake if port is not None else None


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    order_key: str | None = None,
    delay: timedelta | None = None,
) -> None:
    """Add a row in the transaction of its cause (发件箱).

    Called inside a verb. ``payload`` is JSON with ids and without personal data. Rows with the
    same ``order_key`` run one after another, by id; verbs that share a key must lock a common row,
    or the order is not defined. ``delay`` is in business time.
    """
    now = clock.now()
    insert_row(
        OutboxRow,
        kind=kind,
        payload=dict(payload),
        order_key=order_key,
        next_at=now + delay if delay else now,
        request_id=request_id.get()[:36],
        created_at=now,
    )
    if not delay and _wake is not None:
        after_commit(_wake)


def replay_dead_letter(row_id: int, actor: str) -> None:
    """Retry a dead letter from its first attempt; the rows behind it follow.

    Raises NotFound, Conflict('outbox_not_dead').
    """
    row = _dead_row(row_id)
    OutboxRow.update(state="due", attempts=0, next_at=clock.now()).where(
        OutboxRow.id == row.id
    ).execute()
    _audit(actor, "outbox.replay", row, "due", None)
    if _wake is not None:
        after_commit(_wake)


def skip_dead_letter(row_id: int, actor: str, why: str) -> None:
    """Skip a dead letter that shall never run, with a reason; its order key is free again.

    Raises NotFound, Conflict('outbox_not_dead').
    """
    row = _dead_row(row_id)
    OutboxRow.update(state="skipped", done_at=clock.now()).where(OutboxRow.id == row.id).execute()
    _audit(actor, "outbox.skip", row, "skipped", why)
    if _wake is not None:
        after_commit(_wake)


def delete_done_rows(limit: int = 1000) -> int:
    """Delete rows done or skipped more than seven days ago; returns how many.

    At most ``limit`` at once, so that the writer is not held long; call again while it returns
    that.
    """
    old = (
        OutboxRow.select(OutboxRow.id)
        .where(OutboxRow.state.in_(("done", "skipped")))
        .where(OutboxRow.done_at < clock.now() - KEPT)
        .limit(limit)
    )
    ids = [row.id for row in old]
    return int(OutboxRow.delete().where(OutboxRow.id.in_(ids)).execute()) if ids else 0


def _dead_row(row_id: int) -> Any:
    row = lock_row(OutboxRow, row_id)
    if row is None:
        raise NotFound("outbox_row_unknown")
    if row.state != "dead":
        raise Conflict("outbox_not_dead", state=row.state)
    return row


def _audit(actor: str, action: str, row: Any, state: str, why: str | None) -> None:
    before = {"state": row.state, "attempts": row.attempts, "error": row.last_error}
    after = {"state": state} | ({"why": why} if why else {})
    audit.record(action, "outbox_row", row.id, before=before, after=after, actor=actor)
