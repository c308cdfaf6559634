"""Reads for finance: days with their counts, and open differences."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from domain.reconcile.rules import OPEN
from kernel import clock
from kernel.errors import NotFound
from models import BillLine, BillReading, LedgerTransfer

READY = timedelta(hours=10)
"""WeChat's bills of a day are ready this long after midnight."""
LATE = timedelta(hours=12)
"""A day's bills are read by this time of the next day; an unread day is a gap afterwards."""
LONGEST_DAYS = 90
"""WeChat keeps bills for so many days."""


@dataclass(frozen=True)
class BillDay:
    """A day: the number of lines by state, and the fen moved by WeChat's bills."""

    day: str
    matched: int
    open: int
    closed: int
    is_read: bool
    paid_fen: int
    refunded_fen: int
    sent_fen: int


@dataclass(frozen=True)
class BillLineView:
    """A pair; ``theirs_fen`` or ``ours_fen`` is None if that side is missing."""

    id: int
    day: str
    kind: str
    out_number: str
    theirs_fen: int | None
    ours_fen: int | None
    state: str
    created_at: datetime
    closed_by: str | None
    closed_reason: str | None

    @property
    def is_open(self) -> bool:
        """True while a side is missing or differs, and the line is not closed."""
        return self.state in OPEN


def last_billed_day() -> date:
    """Yesterday, or the day before it until yesterday's bills are ready."""
    return clock.business_day(clock.now() - READY) - timedelta(days=1)


def unread_days(mchid: str) -> list[date]:
    """Days with unread bills, oldest first, from the first booking on, at most 90."""
    first_at = LedgerTransfer.select(fn.MIN(LedgerTransfer.created_at)).scalar()
    if first_at is None:
        return []
    last = last_billed_day()
    first = max(clock.business_day(first_at), last - timedelta(days=LONGEST_DAYS - 1))
    known = _read_days(mchid, first)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.isoformat() not in known]


def overdue_days(mchid: str) -> list[date]:
    """Unread days that should have been read by now."""
    newest = clock.business_day(clock.now() - LATE) - timedelta(days=1)
    return [day for day in unread_days(mchid) if day <= newest]


def has_readings(mchid: str) -> bool:
    """True if any bill was ever read."""
    return bool(BillReading.select().where(BillReading.mchid == mchid).exists())


def list_bill_days(mchid: str, limit: int = 31) -> list[BillDay]:
    """The last days that were read, have lines or are gaps, newest first."""
    query: Any = (
        BillLine.select(
            BillLine.bill_day, BillLine.state, BillLine.kind, fn.COUNT(BillLine.id),
            fn.COALESCE(fn.SUM(BillLine.amount_fen), 0),
        )
        .where(BillLine.mchid == mchid)
        .group_by(BillLine.bill_day, BillLine.state, BillLine.kind)
        .order_by(BillLine.bill_day.desc())
        .limit(limit * 18)
    )  # fmt: skip
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for day, state, kind, count, fen in query.tuples():
        counts[day][state] += int(count)
        counts[day][kind] += int(fen)
    known = _read_days(mchid, last_billed_day() - timedelta(days=LONGEST_DAYS - 1))
    named = counts.keys() | known | {day.isoformat() for day in overdue_days(mchid)}
    days = sorted(named, reverse=True)[:limit]
    return [_day(day, counts[day], is_read=day in known) for day in days]


def _read_days(mchid: str, first: date) -> set[str]:
    mine = (BillReading.mchid == mchid) & (BillReading.day >= first.isoformat())
    return {str(row.day) for row in BillReading.select(BillReading.day).where(mine)}


def _day(day: str, counts: dict[str, int], *, is_read: bool) -> BillDay:
    return BillDay(
        day, counts["matched"], sum(counts[s] for s in OPEN), counts["closed"], is_read,
        counts["payment"], counts["refund"], counts["transfer"],
    )  # fmt: skip


def list_open_lines(before_id: int | None = None, limit: int = 50) -> list[BillLineView]:
    """Open differences, newest first."""
    query = BillLine.select().where(BillLine.state.in_(OPEN))
    if before_id is not None:
        query = query.where(BillLine.id < before_id)
    return [_view(row) for row in query.order_by(BillLine.id.desc()).limit(limit)]


def bill_line_detail(line_id: int) -> BillLineView:
    """One line. Raises NotFound('bill_line_missing')."""
    row = BillLine.get_or_none(BillLine.id == line_id)
    if row is None:
        raise NotFound("bill_line_missing")
    return _view(row)


def lines_since(day: date, kind: str | None = None) -> list[BillLineView]:
    """Open differences of a day and later ones, oldest first, of one kind or all."""
    query = BillLine.select().where(
        BillLine.state.in_(OPEN) & (BillLine.bill_day >= day.isoformat())
    )
    if kind is not None:
        query = query.where(BillLine.kind == kind)
    return [_view(row) for row in query.order_by(BillLine.id)]


def _view(r: Any) -> BillLineView:
    return BillLineView(
        r.id,
        r.bill_day,
        r.kind,
        r.out_number,
        r.amount_fen,
        r.ours_fen,
        r.state,
        r.created_at,
        r.closed_by,
        r.closed_reason,
    )
