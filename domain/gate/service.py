"""Entering and leaving the gate, and the calls that passed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.gate.rules import LEASE, Kind, Pass, Problem
from kernel import clock
from models import MoneyCall

_KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Register a kind of call; each domain does so for its own rows."""
    _KINDS[kind.name] = kind


def enter_gate(kind: str, row_id: int, asked_by: str, using: Any = None) -> Pass | Problem:
    """Decide under the row's lock whether a call may be made now, and record it as open.

    Problem('call_under_way') within 60 s of system time after a call without a definite answer;
    else what the kind's check returns. ``using`` is passed to the check. The call stays open until
    a definite answer, also if the process dies.
    """
    found = _KINDS[kind]
    found.lock(row_id)
    now = clock.system_now()
    if _open(found.subject, row_id).where(MoneyCall.entered_at > now - LEASE).exists():
        return Problem("call_under_way", {"seconds": int(LEASE.total_seconds())})
    request = found.check(row_id, using)
    if isinstance(request, Problem):
        return request
    call = MoneyCall.create(
        subject=found.subject,
        row_id=row_id,
        kind=kind,
        asked_by=asked_by[:64],
        entered_at=now,
    )
    return Pass(int(call.id), found.subject, row_id, request)


def leave_gate(passed: Pass, answer: str | None) -> None:
    """Record a call's definite answer; None keeps the call open, since it may still arrive."""
    if answer is None:
        return
    mine = (MoneyCall.id == passed.call_id) & MoneyCall.left_at.is_null()
    MoneyCall.update(left_at=clock.system_now(), answer=answer[:60]).where(mine).execute()


def has_open_calls(subject: str, row_id: int) -> bool:
    """True while a call about the row has no definite answer."""
    return bool(_open(subject, row_id).exists())


def close_calls(subject: str, row_id: int, answer: str) -> None:
    """Close the row's open calls: WeChat knows its number, so a late call changes nothing."""
    mine = (MoneyCall.subject == subject) & (MoneyCall.row_id == row_id)
    MoneyCall.update(left_at=clock.system_now(), answer=f"seen {answer}"[:60]).where(
        mine & MoneyCall.left_at.is_null()
    ).execute()


def last_call_at(subject: str, row_id: int) -> datetime | None:
    """When the row's last call was made, by the system's clock; None if there was none."""
    mine = (MoneyCall.subject == subject) & (MoneyCall.row_id == row_id)
    row = MoneyCall.select().where(mine).order_by(MoneyCall.id.desc()).first()
    return None if row is None else row.entered_at


def _open(subject: str, row_id: int) -> Any:
    mine = (MoneyCall.subject == subject) & (MoneyCall.row_id == row_id)
    return MoneyCall.select(MoneyCall.id).where(mine & MoneyCall.left_at.is_null())
