"""Reads for finance: days with their counts, and what is open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import fn

from domain.reconcile.rules import OPEN
from models import BillLine


@dataclass(frozen=True)
class BillDay:
    """How a day's lines stand."""

    day: str
    matched: int
    open: int
    closed: int


@dataclass(frozen=True)
class BillLineView:
    """A pair, or half of one: ``theirs_fen`` or ``ours_fen`` is None where a side is missing."""

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
        """True while a side is missing or differs, and nobody has closed it."""
        return self.state in OPEN


def bill_days(limit: int = 31) -> list[BillDay]:
    """The last reconciled days, newest first."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    query: Any = (
        BillLine.select(BillLine.bill_day, BillLine.state, fn.COUNT(BillLine.id))
        .group_by(BillLine.bill_day, BillLine.state)
        .order_by(BillLine.bill_day.desc())
        .limit(limit * 5)
    )
    for day, state, count in query.tuples():
        counts[day][state] = int(count)
    days = sorted(counts, reverse=True)[:limit]
    return [
        BillDay(
            day,
            counts[day].get("matched", 0),
            sum(counts[day].get(s, 0) for s in OPEN),
            counts[day].get("closed", 0),
        )
        for day in days
    ]


def open_lines(before_id: int | None = None, limit: int = 50) -> list[BillLineView]:
    """Differences that wait for the other side or for a person, newest first."""
    query = BillLine.select().where(BillLine.state.in_(OPEN))
    if before_id is not None:
        query = query.where(BillLine.id < before_id)
    return [_view(row) for row in query.order_by(BillLine.id.desc()).limit(limit)]


def lines_since(day: date, kind: str | None = None) -> list[BillLineView]:
    """Open differences of a day and later, oldest first; of one kind or all."""
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
