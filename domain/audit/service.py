"""The log of people's acts. Callers mask personal values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.audit.actors import SYSTEM, NotAPerson, is_person
from domain.audit.lines import AuditLine
from domain.audit.system import change_as_facts, record_event, system_history
from kernel import clock, context
from models import AuditEntry


def record(
    action: str,
    target_type: str,
    target_id: int | str,
    *,
    before: Any = None,
    after: Any = None,
    actor: str | None = None,
) -> None:
    """Record a person's act in the caller's transaction (操作日志).

    The actor is the request's unless given. Raises NotAPerson for other actors; the system's acts
    go to ``record_event``.
    """
    who = actor or context.actor.get()
    if not is_person(who):
        raise NotAPerson(f"{action} by {who}")
    AuditEntry.insert(
        actor=who,
        action=action,
        target_type=target_type,
        target_id=str(target_id),
        before=before,
        after=after,
        ip=context.client_ip.get(),
        request_id=context.request_id.get(),
        at=clock.now(),
    ).execute()


def record_either(
    action: str,
    target_type: str,
    target_id: int | str,
    *,
    before: Any = None,
    after: Any = None,
    actor: str | None = None,
) -> None:
    """Record a step that people and the system both take, in the log that fits the actor."""
    who = actor or context.actor.get()
    if is_person(who):
        record(action, target_type, target_id, before=before, after=after, actor=who)
    else:
        facts = change_as_facts(before, after)
        record_event(action, target_type, target_id, facts=facts, source=who)


def history(
    target_type: str | None = None,
    target_id: int | str | None = None,
    *,
    before_id: int | None = None,
    limit: int = 50,
    actor: str | None = None,
) -> list[AuditLine]:
    """The log, newest first, optionally of one thing, of one kind of thing, or of one actor.

    ``actor`` is an account with its kind ('staff:lisa') or without ('lisa').
    """
    query = AuditEntry.select()
    if target_type is not None:
        query = query.where(AuditEntry.target_type == target_type)
    if target_id is not None:
        query = query.where(AuditEntry.target_id == str(target_id))
    if actor is not None:
        who = actor.lower()
        query = query.where(AuditEntry.actor.in_((who, f"staff:{who}", f"member:{who}")))
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return [
        AuditLine(r.id, r.actor, r.action, r.target_type, r.target_id, r.before, r.after, r.at)
        for r in query.order_by(AuditEntry.id.desc()).limit(limit)
    ]


def timeline(target_type: str, target_id: int | str, *, limit: int = 50) -> list[AuditLine]:
    """Both logs of one thing, newest first; system events have the actor ``system``."""
    acts = history(target_type, target_id, limit=limit)
    events = system_history(target_type, target_id, limit=limit)
    both = [*acts, *(replace(line, actor=SYSTEM) for line in events)]
    return sorted(both, key=lambda line: (line.at, line.id), reverse=True)[:limit]
