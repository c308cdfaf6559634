"""Reads for finance: days with their sums, and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from domain.reconcile import asides, days
from domain.reconcile.rules import KINDS, OPEN, day_state
from kernel import clock
from kernel.errors import NotFound
from models import BillDay, BillLine

GAPS = frozenset({"missing", "unreadable", "lost"})
"""States of days that were not read although they should have been."""


@dataclass(frozen=True)
class FileView:
    """One of WeChat's bills of a day. ``fault`` is the code of a last try that failed."""

    bill: str
    state: str
    read_at: datetime | None = None
    tried_at: datetime | None = None
    fault: str | None = None
    records: int = 0


@dataclass(frozen=True)
class Sums:
    """Fen of a day on one side; ``fee_fen`` is None if nobody counted it."""

    paid_fen: int = 0
    refunded_fen: int = 0
    sent_fen: int = 0
    fee_fen: int | None = 0


@dataclass(frozen=True)
class DayView:
    """A day: its bills, WeChat's sums and the book's, and its lines by how they stand.

    ``waiting_fen`` is in WeChat's sums already, and in ours once there is a result.
    """

    day: date
    state: str
    files: tuple[FileView, ...]
    theirs: Sums
    ours: Sums
    waiting_fen: int
    lines: int
    open_lines: int
    ended_lines: int
    unseen: int

    @property
    def is_gap(self) -> bool:
        """True if the day should have been read and was not."""
        return self.state in GAPS

    @property
    def is_read(self) -> bool:
        """True if both bills were read."""
        return all(each.state == "read" for each in self.files)


@dataclass(frozen=True)
class DifferenceView:
    """A line; ``theirs_fen`` or ``ours_fen`` is None if that side is missing."""

    id: int
    day: str
    kind: str
    out_number: str
    theirs_fen: int | None
    ours_fen: int | None
    state: str
    opened_at: datetime | None
    owner: str | None
    note: str | None
    ended_at: datetime | None
    ended_how: str | None
    closed_by: str | None
    closed_reason: str | None

    @property
    def is_open(self) -> bool:
        """True while a side is missing or differs, and nobody ended it."""
        return self.state in OPEN

    @property
    def stands(self) -> str:
        """What it is while it is open, then how it ended."""
        return self.state if self.is_open else self.ended_how or self.state


@dataclass(frozen=True)
class DifferenceFilter:
    """Which differences: ``view`` is open, mine (with ``owner``), ended or all."""

    view: str = "open"
    owner: str = ""
    kind: str | None = None
    number: str = ""
    since: str = ""
    until: str = ""


def list_days(mchid: str, *, before: date | None = None, limit: int = 90) -> list[DayView]:
    """Days since the first booking up to yesterday, newest first."""
    begun = days.first_day()
    last = clock.business_day(clock.now()) - timedelta(days=1)
    if before is not None:
        last = min(last, before - timedelta(days=1))
    if begun is None or last < begun:
        return []
    return _views(mchid, days.days_between(max(begun, last - timedelta(days=limit - 1)), last))


def day_detail(day: date, mchid: str) -> DayView:
    """One day. Raises NotFound('bill_day_missing') for days without a bill, now or ever."""
    begun = days.first_day()
    is_ours = begun is not None and begun <= day < clock.business_day(clock.now())
    if not is_ours and not days.is_read(day, mchid, "trade"):
        raise NotFound("bill_day_missing")
    return _views(mchid, [day])[0]


def _views(mchid: str, chosen: Sequence[date]) -> list[DayView]:
    """These days, which follow each other, newest first."""
    within = (BillDay.day >= chosen[0].isoformat()) & (BillDay.day <= chosen[-1].isoformat())
    rows = {
        (row.day, row.bill): row
        for row in BillDay.select().where((BillDay.mchid == mchid) & within)
    }
    unseen = asides.unseen_counts(chosen)
    return [
        _view(day, [rows.get((day.isoformat(), name)) for name in KINDS], unseen.get(day, 0))
        for day in reversed(chosen)
    ]


def _view(day: date, rows: Sequence[Any], unseen: int) -> DayView:
    files = tuple(_file(name, row) for name, row in zip(KINDS, rows, strict=True))
    known = [row for row in rows if row is not None]
    asked_since = clock.now() - days.ASKED_FOR
    open_lines = sum(row.open_lines for row in known)
    state = day_state(
        [each.state for each in files],
        is_asked=any(row.asked_at is not None and row.asked_at >= asked_since for row in known),
        is_due=day <= days.last_billed_day(), is_late=day <= days.last_late_day(),
        is_kept=day >= days.oldest_kept_day(), open_lines=open_lines, unseen=unseen,
    )  # fmt: skip
    return DayView(
        day, state, files, _total(known), _total(known, "booked_"),
        sum(row.waiting_fen for row in known), sum(row.lines for row in known), open_lines,
        sum(row.ended_lines for row in known), unseen,
    )  # fmt: skip


def _file(name: str, row: Any) -> FileView:
    if row is None:
        return FileView(name, "missing")
    return FileView(name, row.state, row.read_at, row.tried_at, row.fault, row.records)


def _total(rows: Sequence[Any], side: str = "") -> Sums:
    """The sums of one side over the bills that were read."""
    paid, refunded, sent = (
        sum(getattr(row, f"{side}{name}_fen") for row in rows)
        for name in ("paid", "refunded", "sent")
    )
    fees = [getattr(row, f"{side}fee_fen") for row in rows if row.bill == "trade"]
    return Sums(paid, refunded, sent, fees[0] if fees else None)


def count_differences(mchid: str) -> int:
    """How many differences are open."""
    mine = (BillLine.mchid == mchid) & BillLine.state.in_(OPEN)
    return int(BillLine.select(fn.COUNT(BillLine.id)).where(mine).scalar())


def list_differences(
    chosen: DifferenceFilter | None = None, *, before_id: int | None = None, limit: int = 50
) -> list[DifferenceView]:
    """Differences of all merchant numbers, newest first; open ones unless chosen otherwise."""
    query = BillLine.select().where(_chosen(chosen or DifferenceFilter()))
    if before_id is not None:
        query = query.where(BillLine.id < before_id)
    return [_difference(row) for row in query.order_by(BillLine.id.desc()).limit(limit)]


def _chosen(f: DifferenceFilter) -> Any:
    is_open = f.view in ("open", "mine")
    found = BillLine.state.in_(OPEN) if is_open else BillLine.opened_at > 0
    if f.view == "mine":
        found &= BillLine.owner == f.owner
    if f.view == "ended":
        found &= BillLine.state.not_in(OPEN)
    if f.kind is not None:
        found &= BillLine.kind == f.kind
    if f.number:
        found &= BillLine.out_number == f.number
    if f.since:
        found &= BillLine.bill_day >= f.since
    if f.until:
        found &= BillLine.bill_day <= f.until
    return found


def difference_detail(line_id: int) -> DifferenceView:
    """One line. Raises NotFound('bill_line_missing')."""
    row = BillLine.get_or_none(BillLine.id == line_id)
    if row is None:
        raise NotFound("bill_line_missing")
    return _difference(row)


def lines_since(day: date, kind: str | None = None) -> list[DifferenceView]:
    """Open differences of a day and later ones, oldest first, of one kind or all."""
    chosen = _chosen(DifferenceFilter(kind=kind, since=day.isoformat()))
    return [_difference(row) for row in BillLine.select().where(chosen).order_by(BillLine.id)]


def _difference(r: Any) -> DifferenceView:
    return DifferenceView(
        r.id, r.bill_day, r.kind, r.out_number, r.amount_fen, r.ours_fen, r.state, r.opened_at,
        r.owner, r.note, r.ended_at, r.ended_how, r.closed_by, r.closed_reason,
    )  # fmt: skip
