"""Writes and reads the one audit log. Personal values come masked from the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel import clock, context
from models import AuditEntry


@dataclass(frozen=True)
class AuditLine:
    """One line of the log, for a page's timeline."""

    id: int
    actor: str
    action: str
    target_type: str
    target_id: str
    before: Any
    after: Any
    at: datetime


def record(
    action: str,
    target_type: str,
    target_id: int | str,
    *,
    before: Any = None,
    after: Any = None,
    actor: str | None = None,
) -> None:
    """Leave a line in the caller's transaction. The actor is the request's unless given."""
    AuditEntry.insert(
        actor=actor or context.actor.get(),
        action=action,
        target_type=target_type,
        target_id=str(target_id),
        before=before,
        after=after,
        ip=context.client_ip.get(),
        request_id=context.request_id.get(),
        at=clock.now(),
    ).execute()


def history(
    target_type: str | None = None,
    target_id: int | str | None = None,
    *,
    before_id: int | None = None,
    limit: int = 50,
    actor: str | None = None,
) -> list[AuditLine]:
    """The log, newest first; of one thing, of one kind, of one actor, or of all."""
    query = AuditEntry.select()
    if target_type is not None:
        query = query.where(AuditEntry.target_type == target_type)
    if target_id is not None:
        query = query.where(AuditEntry.target_id == str(target_id))
    if actor is not None:
        query = query.where(AuditEntry.actor.contains(actor))
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return [
        AuditLine(r.id, r.actor, r.action, r.target_type, r.target_id, r.before, r.after, r.at)
        for r in query.order_by(AuditEntry.id.desc()).limit(limit)
    ]
