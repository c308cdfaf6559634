"""Beginning the hold, asking for it, and lifting it once WeChat's bills were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import ClassVar

from domain import audit, system_state
from kernel import clock, typed
from kernel.errors import Conflict, Invalid

HELD = "held_after_restore"
_LISTED_MOST = 200


class AfterRestoreHold(system_state.State):
    """Whether the database was restored and is not yet complete again (恢复保全)."""

    KEY: ClassVar[str] = "hold"
    is_held: bool = False
    why: str = ""
    since_us: int = 0
    backup_us: int = 0
    read_from: str = ""
    read_to: str = ""
    unanswered: int = 0
    listed: tuple[str, ...] = ()

    @property
    def since(self) -> datetime:
        """When the database was restored."""
        return _instant(self.since_us)

    @property
    def backup_at(self) -> datetime:
        """The instant of the restored backup."""
        return _instant(self.backup_us)


def begin_hold(why: str, backup_at: datetime, actor: str = "restore") -> None:
    """Begin the hold of a restored database; ``backup_at`` is its backup's instant (进入保全)."""
    system_state.locked(AfterRestoreHold)
    said = typed.words(why, 200, "why")
    now_us, backup_us = _us(clock.now()), _us(backup_at)
    system_state.put(
        AfterRestoreHold(is_held=True, why=said, since_us=now_us, backup_us=backup_us)
    )
    audit.record_either("hold.begin", "hold", "all", after={"why": why.strip()}, actor=actor)


def is_held() -> bool:
    """True while payouts, refunds, releases and messages wait for a person."""
    return system_state.get(AfterRestoreHold).is_held


def held_since() -> datetime | None:
    """When the hold began; None without a hold."""
    hold = system_state.get(AfterRestoreHold)
    return hold.since if hold.is_held else None


def hold_state() -> AfterRestoreHold:
    """The hold as it stands."""
    return system_state.get(AfterRestoreHold)


def raise_if_held() -> None:
    """Raises Conflict('held_after_restore') while the hold lasts."""
    if is_held():
        raise Conflict(HELD)


def record_reading(first: date, last: date, unanswered: int, listed: Sequence[str]) -> None:
    """Record what ``reconcile --since`` read: days, unanswered queries, lines for a person."""
    hold = system_state.locked(AfterRestoreHold)
    if not hold.is_held:
        return
    values = {
        "read_from": first.isoformat(),
        "read_to": last.isoformat(),
        "unanswered": unanswered,
        "listed": tuple(listed)[:_LISTED_MOST],
    }
    system_state.put(hold.model_copy(update=values))


def why_not_lifted(hold: AfterRestoreHold) -> Conflict | None:
    """What prevents lifting the hold, or None.

    WeChat's bills must be read from the day of the backup to the day of the restore: until then
    the installation before could pay out, refund and be paid.
    """
    first = clock.business_day(hold.backup_at).isoformat()
    last = clock.business_day(hold.since).isoformat()
    if not hold.read_to or hold.read_from > first or hold.read_to < last:
        return Conflict("hold_bills_unread", first=first, last=last, read_to=hold.read_to)
    if hold.unanswered:
        return Conflict("hold_unanswered", count=hold.unanswered)
    return None


def lift_hold(actor: str, reason: str) -> None:
    """Lift the hold with a reason, after a person has seen the listed lines (解除保全).

    Raises Invalid('reason_missing'), Conflict('hold_absent', 'hold_bills_unread',
    'hold_unanswered').
    """
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    hold = system_state.locked(AfterRestoreHold)
    if not hold.is_held:
        raise Conflict("hold_absent")
    problem = why_not_lifted(hold)
    if problem is not None:
        raise problem
    system_state.put(hold.model_copy(update={"is_held": False}))
    audit.record(
        "hold.lift",
        "hold",
        "all",
        actor=actor,
        before={"why": hold.why, "listed": len(hold.listed)},
        after={"reason": typed.words(reason, 200, "reason")},
    )


def _us(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _instant(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1_000_000, UTC)
