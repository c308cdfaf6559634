"""Refusals as rows, one for each call, code and subject: counted, notified, ended by a success."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.notices import notify_owner
from domain.refusals.notices import WechatRefused
from kernel import clock
from kernel.refusals import Side, find, is_shown
from kernel.store import insert_once
from models import Refusal

NOTIFY_INTERVAL = timedelta(days=1)
RENOTIFY_AFTER = {"now": timedelta(hours=1), "soon": timedelta(days=1)}
"""A refusal that ended and begins again is notified only after this time: it may come and go."""

FADES_AFTER = {
    "person": timedelta(days=1), "item": timedelta(days=1),
    "account": timedelta(days=3), "template": timedelta(days=3),
}  # fmt: skip
"""A refusal that was not repeated for this time is no longer shown, by scope. A refusal of one
recipient can't be mended, and a call that is no longer made can't end by a success. The next
refusal begins anew.
"""

KEPT = timedelta(days=30)
_DETAIL, _SUBJECT, _CODE, _CALL = 200, 64, 40, 80


@dataclass(frozen=True)
class ReportedRefusal:
    """A refusal reported by a gateway, ``count`` times since the last writing.

    ``at`` is the instant of WeChat's answer (UTC), the last one of several.
    """

    side: Side
    call: str
    code: str
    subject: str = ""
    detail: str = ""
    count: int = 1
    at: datetime = field(default_factory=clock.now)


@dataclass(frozen=True)
class OpenRefusal:
    """An open refusal: since when and how often."""

    side: Side
    call: str
    code: str
    subject: str
    detail: str
    count: int
    first_at: datetime
    last_at: datetime


def record_refusals(found: Sequence[ReportedRefusal]) -> int:
    """Store refusals and notify the owner of new ones; returns how many are new.

    Refusals that belong to normal work (a used code, a missing order) are not stored.
    """
    return sum(_record_refusal(one) for one in found if is_shown(one.side, one.code))


def record_success(side: Side, call: str, subject: str = "", *, at: datetime | None = None) -> int:
    """End the refusals of a call before this instant (default: now); returns how many ended.

    It ends those of this subject and those without one. A refusal of one person is not ended by
    another person's success; it fades with time.
    """
    at = at or clock.now()
    ours = (Refusal.side == side) & (Refusal.call == call[:_CALL]) & (Refusal.last_at <= at)
    rows = Refusal.select().where(
        ours & Refusal.resolved_at.is_null() & Refusal.subject.in_(("", subject[:_SUBJECT]))
    )
    over = [row.id for row in rows if find(side, row.code).scope != "person"]
    if not over:
        return 0
    return int(Refusal.update(resolved_at=clock.now()).where(Refusal.id.in_(over)).execute())


def list_open_refusals() -> list[OpenRefusal]:
    """Open refusals, the longest first."""
    rows = (
        Refusal.select().where(Refusal.resolved_at.is_null())
        .order_by(Refusal.first_at, Refusal.id).limit(100)
    )  # fmt: skip
    return [_view(row) for row in rows if not _has_faded(row)]


def remind() -> int:
    """Notify the owner daily of open refusals, delete old rows; returns how many were notified."""
    now, told = clock.now(), 0
    Refusal.delete().where(Refusal.resolved_at < now - KEPT).execute()
    due = Refusal.resolved_at.is_null() & (Refusal.told_at <= now - NOTIFY_INTERVAL)
    for row in Refusal.select().where(due).limit(100):
        if not _has_faded(row):
            _notify_owner(row, now)
            told += 1
    return told


def refused_calls() -> dict[tuple[Side, str, str], datetime]:
    """Open refusals by side, call and subject, with the earliest instant of their last refusals.

    A success before that instant need not be written. Refusals of one person are left out, since
    no success ends them.
    """
    found: dict[tuple[Side, str, str], datetime] = {}
    for row in Refusal.select().where(Refusal.resolved_at.is_null()).limit(500):
        if find(row.side, row.code).scope != "person":
            key = (row.side, row.call, row.subject)
            found[key] = min(row.last_at, found.get(key, row.last_at))
    return found


def _record_refusal(one: ReportedRefusal) -> int:
    now = clock.now()
    key = {
        "side": one.side, "call": one.call[:_CALL], "code": one.code[:_CODE],
        "subject": one.subject[:_SUBJECT],
    }  # fmt: skip
    fresh = {
        "detail": one.detail[:_DETAIL], "count": one.count, "first_at": one.at, "last_at": one.at,
    }  # fmt: skip
    began = insert_once(Refusal, **key, **fresh)
    row = Refusal.get(**key)
    mine = Refusal.id == row.id
    if not began and (row.resolved_at is not None or _has_faded(row)):
        began = True
        Refusal.update(**fresh, resolved_at=None).where(mine).execute()
    elif not began:
        last_at = max(one.at, row.last_at)
        counted = {"count": Refusal.count + one.count, "detail": fresh["detail"]}
        Refusal.update(**counted, last_at=last_at).where(mine).execute()
    urgency = find(one.side, one.code).urgency
    pause = RENOTIFY_AFTER.get(urgency)
    if began and pause is not None and (row.told_at is None or row.told_at <= now - pause):
        _notify_owner(Refusal.get(mine), now)
    return int(began)


def _notify_owner(row: Any, now: datetime) -> None:
    notify_owner(
        WechatRefused(
            side=row.side, call=row.call, code=row.code, subject=row.subject,
            detail=row.detail, since=row.first_at, count=int(row.count),
        )
    )  # fmt: skip
    Refusal.update(told_at=now).where(Refusal.id == row.id).execute()


def _has_faded(row: Any) -> bool:
    return bool(row.last_at <= clock.now() - FADES_AFTER[find(row.side, row.code).scope])


def _view(row: Any) -> OpenRefusal:
    return OpenRefusal(
        row.side, row.call, row.code, row.subject, row.detail, int(row.count), row.first_at,
        row.last_at,
    )  # fmt: skip
