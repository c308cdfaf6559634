"""Leaks for pages, for the chat, and for those whom they concern."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from domain import members
from kernel import clock
from kernel.errors import NotFound
from models import Leak, LeakPerson

PERSON_STATES = ("waiting", "sending", "reached", "unknown", "not_reached", "by_hand")


@dataclass(frozen=True)
class LeakView:
    """A leak with its clocks; ``counts`` has the people by state, and how many read the page."""

    id: int
    leak_no: str
    state: str
    edition: int
    what: str
    cause: str
    harm: str
    measures: str
    advice: str
    contact: str
    found_at: datetime
    authority_due_at: datetime
    people_due_at: datetime
    authority_told_at: datetime | None
    authority_proof: str
    announced_at: datetime | None
    untold_reason: str
    proof: str
    opened_by: str
    closed_by: str
    closed_at: datetime | None
    counts: dict[str, int]

    @property
    def people(self) -> int:
        """How many people it concerns."""
        return sum(self.counts.get(state, 0) for state in PERSON_STATES)

    @property
    def is_authority_late(self) -> bool:
        """Whether the authority should have been told by now."""
        is_open = self.state == "open" and self.authority_told_at is None
        return is_open and self.authority_due_at < clock.now()

    @property
    def is_people_late(self) -> bool:
        """Whether the people should have been told by now."""
        is_open = self.state == "open" and self.announced_at is None and not self.untold_reason
        return is_open and self.people_due_at < clock.now()


@dataclass(frozen=True)
class PersonView:
    """Somebody whom no message reached, and how they were told otherwise."""

    id: int
    member_id: int
    name: str
    state: str
    fault: str
    note: str


@dataclass(frozen=True)
class OwnLeak:
    """A leak as the member reads it whom it concerns."""

    leak_no: str
    found_at: datetime
    what: str
    cause: str
    harm: str
    measures: str
    advice: str
    contact: str


def list_leaks(view: str = "", before_id: int | None = None, limit: int = 50) -> list[LeakView]:
    """Leaks, newest first; of a state, or all for ''."""
    query = Leak.select()
    if view in ("open", "closed"):
        query = query.where(Leak.state == view)
    if before_id is not None:
        query = query.where(Leak.id < before_id)
    return [_view(row) for row in query.order_by(Leak.id.desc()).limit(limit)]


def leak_detail(leak_id: int) -> LeakView:
    """One leak. Raises NotFound('leak_missing')."""
    row = Leak.get_or_none(Leak.id == leak_id)
    if row is None:
        raise NotFound("leak_missing")
    return _view(row)


def people_not_reached(leak_id: int, limit: int = 200) -> list[PersonView]:
    """Those whom no message reached for certain, and those told otherwise, oldest first."""
    mine = (LeakPerson.leak == leak_id) & LeakPerson.state.in_(
        ("not_reached", "unknown", "by_hand")
    )
    rows = list(LeakPerson.select().where(mine).order_by(LeakPerson.state, LeakPerson.id)
                .limit(limit))  # fmt: skip
    known = members.member_views(row.member_id for row in rows)
    return [
        PersonView(row.id, row.member_id, known[row.member_id].masked_name, row.state,
                   row.fault or "", row.note or "")
        for row in rows
    ]  # fmt: skip


def count_open() -> tuple[int, int]:
    """How many leaks are open, and how many of them are past a clock."""
    found = list_leaks("open", limit=100)
    return len(found), sum(each.is_authority_late or each.is_people_late for each in found)


def leaks_of(member_id: int) -> list[OwnLeak]:
    """The announced leaks that concern a member, newest first."""
    query: Any = (
        Leak.select(Leak)
        .join(LeakPerson, on=(LeakPerson.leak == Leak.id))
        .where((LeakPerson.member == member_id) & Leak.announced_at.is_null(False))
        .order_by(Leak.id.desc())
        .limit(20)
    )
    return [_own(row) for row in query]


def own_leak(leak_no: str, member_id: int) -> OwnLeak:
    """An announced leak that concerns the member. Raises NotFound('leak_missing')."""
    for each in leaks_of(member_id):
        if each.leak_no == leak_no:
            return each
    raise NotFound("leak_missing")


def _own(row: Any) -> OwnLeak:
    return OwnLeak(row.leak_no, row.found_at, row.what, row.cause, row.harm, row.measures,
                   row.advice, row.contact)  # fmt: skip


def _view(row: Any) -> LeakView:
    mine = LeakPerson.leak == row.id
    states: Any = LeakPerson.select(LeakPerson.state, fn.COUNT(LeakPerson.id)).where(mine)
    counts = {state: int(n) for state, n in states.group_by(LeakPerson.state).tuples()}
    counts["read"] = LeakPerson.select().where(mine & LeakPerson.read_at.is_null(False)).count()
    return LeakView(
        row.id, row.leak_no, row.state, row.edition, row.what, row.cause, row.harm, row.measures,
        row.advice, row.contact, row.found_at, row.authority_due_at, row.people_due_at,
        row.authority_told_at, row.authority_proof or "", row.announced_at,
        row.untold_reason or "", row.proof or "", row.opened_by, row.closed_by or "",
        row.closed_at, counts,
    )  # fmt: skip
