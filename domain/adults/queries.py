"""Doubts about age for pages and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import members, settings
from domain.adults.rules import AdultChecks
from kernel import clock
from kernel.errors import NotFound
from models import AgeDoubt, AgeTry

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class MemberDoubt:
    """A doubt as its member sees it: no reason and no ground of staff."""

    state: str
    ended_how: str
    due_at: datetime
    tries_left: int
    last_result: str

    @property
    def holds(self) -> bool:
        """Whether liquor orders wait because of it."""
        return self.state != "cleared"


@dataclass(frozen=True)
class TryView:
    """A try as staff see it; ``others`` are further members who gave the same number."""

    at: datetime
    result: str
    fault: str
    others: int


@dataclass(frozen=True)
class DoubtView:
    """A doubt as staff see it."""

    id: int
    member_id: int
    member_name: str
    state: str
    cause: str
    reason: str
    order_no: str
    tries: int
    raised_by: str
    raised_at: datetime
    due_at: datetime
    ended_how: str
    ground: str
    ended_by: str
    ended_at: datetime | None


def doubt_of(member_id: int) -> MemberDoubt | None:
    """The member's latest doubt, or None."""
    mine = AgeDoubt.select().where(AgeDoubt.member == member_id)
    row = mine.order_by(AgeDoubt.id.desc()).first()
    if row is None:
        return None
    tries = AgeTry.select().where(AgeTry.doubt == row.id).order_by(AgeTry.id.desc())
    last = tries.first()
    left = max(settings.get(AdultChecks).tries - row.tries, 0)
    return MemberDoubt(
        row.state, row.ended_how or "", row.due_at, left, "" if last is None else last.result
    )


def open_doubt_id(member_id: int) -> int | None:
    """The id of the doubt that holds a member's orders, or None."""
    row = AgeDoubt.select(AgeDoubt.id).where(AgeDoubt.open_for == member_id).first()
    return None if row is None else int(row.id)


def held_members() -> Any:
    """The members whose liquor orders are held, as a subquery."""
    return AgeDoubt.select(AgeDoubt.open_for).where(AgeDoubt.open_for.is_null(False))


def list_doubts(state: str, before_id: int | None = None, limit: int = 30) -> list[DoubtView]:
    """Doubts in a state, the latest first; all for ''."""
    query = AgeDoubt.select()
    if state:
        query = query.where(AgeDoubt.state == state)
    if before_id is not None:
        query = query.where(AgeDoubt.id < before_id)
    rows = list(query.order_by(AgeDoubt.id.desc()).limit(limit))
    return _views(rows)


def doubt_detail(doubt_id: int) -> DoubtView:
    """One doubt. Raises NotFound."""
    row = AgeDoubt.get_or_none(AgeDoubt.id == doubt_id)
    if row is None:
        raise NotFound("age_doubt_missing")
    return _views([row])[0]


def tries_of(doubt_id: int) -> list[TryView]:
    """The tries of a doubt, the latest first."""
    query: Any = AgeTry.select().where(AgeTry.doubt == doubt_id).order_by(AgeTry.id.desc())
    return [TryView(row.at, row.result, row.fault or "", _others(row)) for row in query.limit(50)]


def count_waiting() -> int:
    """How many doubts wait for a proof or a decision."""
    return int(AgeDoubt.select().where(AgeDoubt.state == "waiting").count())


def unanswered_calls() -> tuple[int, str]:
    """How many calls of the last day the provider did not answer, and the latest fault."""
    since = clock.now() - A_DAY
    query = AgeTry.select().where((AgeTry.result == "unanswered") & (AgeTry.at > since))
    row = query.order_by(AgeTry.id.desc()).first()
    return (0, "") if row is None else (int(query.count()), row.fault or "")


def due_ids(limit: int) -> list[int]:
    """Waiting doubts whose time is over."""
    due = (AgeDoubt.state == "waiting") & (AgeDoubt.due_at <= clock.now())
    query = AgeDoubt.select(AgeDoubt.id).where(due).order_by(AgeDoubt.due_at).limit(limit)
    return [row.id for row in query]


def _others(row: Any) -> int:
    same = (AgeTry.number_hash == row.number_hash) & (AgeTry.member != row.member_id)
    return int(AgeTry.select(AgeTry.member).where(same).distinct().count())


def _views(rows: list[Any]) -> list[DoubtView]:
    known = members.member_views(row.member_id for row in rows)
    return [
        DoubtView(
            row.id, row.member_id, known[row.member_id].masked_name, row.state, row.cause,
            row.reason, row.order_no or "", row.tries, row.raised_by, row.raised_at, row.due_at,
            row.ended_how or "", row.ground or "", row.ended_by or "", row.ended_at,
        )
        for row in rows
    ]  # fmt: skip
