"""Refusals as rows: one per call, code and subject, counted, told, and resolved by a success."""

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

TELL_EACH = timedelta(days=1)
TELL_AGAIN = {"now": timedelta(hours=1), "soon": timedelta(days=1)}
"""What ended and begins again is told again after so long: it may come and go."""

FADES_AFTER = {
    "person": timedelta(days=1), "item": timedelta(days=1),
    "account": timedelta(days=3), "template": timedelta(days=3),
}  # fmt: skip
"""What was not refused again for so long is no longer shown: nobody can mend what concerned one
recipient, and a call that nobody makes any more proves nothing. The next refusal begins anew."""

KEPT = timedelta(days=30)
_DETAIL, _SUBJECT, _CODE, _CALL = 200, 64, 40, 80


@dataclass(frozen=True)
class Noted:
    """A refusal as a gateway saw it, ``count`` times since it was last written down.

    ``at`` is when WeChat answered, the last time of several (UTC): it may be written down later.
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
    """A refusal that still stands, with since when and how often."""

    side: Side
    call: str
    code: str
    subject: str
    detail: str
    count: int
    first_at: datetime
    last_at: datetime


def note(found: Sequence[Noted]) -> int:
    """Write refusals down; the owner is told of each that began. Answers how many began.

    What belongs to ordinary work (a used code, an order that is not there) is not kept.
    """
    return sum(_note(one) for one in found if is_shown(one.side, one.code))


def passed(side: Side, call: str, subject: str = "", *, at: datetime | None = None) -> int:
    """A call passed at that instant (default: now): what was refused of it before is over.

    That holds for this subject and for none; answers how many ended. A message that reached one
    person says nothing about another: those fade by themselves.
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


def open_refusals() -> list[OpenRefusal]:
    """What WeChat refuses right now, the longest first."""
    rows = (
        Refusal.select().where(Refusal.resolved_at.is_null())
        .order_by(Refusal.first_at, Refusal.id).limit(100)
    )  # fmt: skip
    return [_view(row) for row in rows if not _has_faded(row)]


def remind() -> int:
    """The owner is told daily of what still stands, old rows are deleted; how many were told."""
    now, told = clock.now(), 0
    Refusal.delete().where(Refusal.resolved_at < now - KEPT).execute()
    due = Refusal.resolved_at.is_null() & (Refusal.told_at <= now - TELL_EACH)
    for row in Refusal.select().where(due).limit(100):
        if not _has_faded(row):
            _tell(row, now)
            told += 1
    return told


def open_calls() -> dict[tuple[Side, str, str], datetime]:
    """Side, call and subject of what stands, and when the first of it was last refused.

    Only a success after that instant needs to be written down. What concerns one person is left
    out: no success ends it.
    """
    found: dict[tuple[Side, str, str], datetime] = {}
    for row in Refusal.select().where(Refusal.resolved_at.is_null()).limit(500):
        if find(row.side, row.code).scope != "person":
            key = (row.side, row.call, row.subject)
            found[key] = min(row.last_at, found.get(key, row.last_at))
    return found


def _note(one: Noted) -> int:
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
    pause = TELL_AGAIN.get(urgency)
    if began and pause is not None and (row.told_at is None or row.told_at <= now - pause):
        _tell(Refusal.get(mine), now)
    return int(began)


def _tell(row: Any, now: datetime) -> None:
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
