"""The log of the system's acts. Callers mask personal values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.audit.actors import MACHINES, PARTS, source_of
from domain.audit.lines import AuditLine
from kernel import clock, context
from models import AuditEntry, SystemEvent

KEPT = timedelta(days=3 * 365 + 1)
"""Order pages show events, and the law requires three years (电子商务法第三十一条)."""


def record_event(
    action: str,
    target_type: str,
    target_id: int | str,
    *,
    facts: Any = None,
    source: str | None = None,
) -> None:
    """Record a system event in the caller's transaction (系统事件).

    The source is the running job, task or notification unless given. A person whose request caused
    the event is never named as its actor.
    """
    _keep(
        source=source_of(source or context.actor.get()),
        action=action,
        target_type=target_type,
        target_id=str(target_id),
        facts=facts,
        ip=context.client_ip.get(),
        request_id=context.request_id.get(),
        at=clock.now(),
    )


def system_history(
    target_type: str | None = None,
    target_id: int | str | None = None,
    *,
    before_id: int | None = None,
    limit: int = 50,
    action: str | None = None,
) -> list[AuditLine]:
    """Events, newest first, optionally of one thing, of one kind of thing, or of one action."""
    query = SystemEvent.select()
    if target_type is not None:
        query = query.where(SystemEvent.target_type == target_type)
    if target_id is not None:
        query = query.where(SystemEvent.target_id == str(target_id))
    if action is not None:
        query = query.where(SystemEvent.action == action)
    if before_id is not None:
        query = query.where(SystemEvent.id < before_id)
    return [_line(row) for row in query.order_by(SystemEvent.id.desc()).limit(limit)]


def change_as_facts(before: Any, after: Any) -> Any:
    """Before and after of a change, as the facts of one event."""
    if before is None:
        return after
    rest = after if isinstance(after, dict) else {} if after is None else {"after": after}
    return {"before": before} | rest


def delete_old_events(limit: int = 1000) -> int:
    """Delete events older than three years; returns how many.

    At most ``limit`` at once, so that the writer is not held long; call again while it returns
    that.
    """
    old = SystemEvent.select(SystemEvent.id).where(SystemEvent.at < clock.now() - KEPT)
    ids = [row.id for row in old.order_by(SystemEvent.at).limit(limit)]
    return int(SystemEvent.delete().where(SystemEvent.id.in_(ids)).execute()) if ids else 0


def move_system_acts(limit: int = 1000) -> int:
    """Move the system's acts out of the log of people's acts.

    An old release wrote them there. It may run beside the old release and be repeated
    (docs/operations.md, 5). Returns how many, at most ``limit``.
    """
    theirs: Any = AuditEntry.actor.in_(MACHINES)
    for part in PARTS:
        theirs |= AuditEntry.actor.startswith(f"{part}:")
    rows = list(AuditEntry.select().where(theirs).order_by(AuditEntry.id).limit(limit))
    for row in rows:
        _keep(
            source=row.actor, action=row.action, target_type=row.target_type,
            target_id=row.target_id, facts=change_as_facts(row.before, row.after), ip=row.ip,
            request_id=row.request_id, at=row.at,
        )  # fmt: skip
    if rows:
        AuditEntry.delete().where(AuditEntry.id.in_([row.id for row in rows])).execute()
    return len(rows)


def _keep(**values: Any) -> None:
    SystemEvent.insert(**values).execute()


def _line(row: SystemEvent) -> AuditLine:
    before, after = None, row.facts
    if isinstance(after, dict) and "before" in after:
        before = after["before"]
        rest = {name: value for name, value in after.items() if name != "before"}
        after = rest["after"] if set(rest) == {"after"} else rest or None
    return AuditLine(row.id, row.source, row.action, row.target_type, row.target_id,
                     before, after, row.at)  # fmt: skip
