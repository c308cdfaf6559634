"""Lines of bills that can't be read (未能读入的账单行): stored until a person has seen them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import fn

from domain import audit
from domain.payments.ports import SetAside, Unreadable
from kernel import clock, context
from kernel.errors import NotFound
from kernel.store import insert_once
from models import BillAside

WHOLE = 0
"""The line number that stands for a bill refused as a whole."""


@dataclass(frozen=True)
class UnreadableLineView:
    """A line as it is in the file; ``line`` 0 is the whole file, ``reason`` an Unreadable."""

    id: int
    day: str
    bill: str
    line: int
    raw: str
    reason: str
    facts: Mapping[str, int | str]
    seen_by: str | None
    seen_at: datetime | None


def store_unreadable_lines(day: date, mchid: str, found: Sequence[SetAside]) -> int:
    """Store unreadable lines, once however often the day is read; returns how many are new."""
    return sum(_keep(day, mchid, each) for each in found)


def record_unreadable_bill(
    day: date, mchid: str, bill: str, reason: Unreadable, facts: Mapping[str, int | str]
) -> None:
    """Record a bill that can't be read at all; it is shown until it was read."""
    _keep(day, mchid, SetAside(bill, WHOLE, "", reason, facts))


def record_readable_bill(day: date, mchid: str, bill: str) -> None:
    """Mark a bill's earlier refusals as seen, since it was read."""
    whole = (BillAside.line == WHOLE) & BillAside.seen_at.is_null() & (BillAside.bill == bill)
    mine = (BillAside.mchid == mchid) & (BillAside.bill_day == day.isoformat())
    BillAside.update(seen_by="system", seen_at=clock.now()).where(whole & mine).execute()


def mark_line_seen(aside_id: int) -> bool:
    """Mark a line as seen; False if it was seen before. Raises NotFound('bill_line_missing')."""
    row = BillAside.get_or_none(BillAside.id == aside_id)
    if row is None:
        raise NotFound("bill_line_missing")
    done = (
        BillAside.update(seen_by=context.actor.get(), seen_at=clock.now())
        .where((BillAside.id == aside_id) & BillAside.seen_at.is_null())
        .execute()
    )
    if done == 1:
        audit.record("bill_aside.seen", "bill_aside", aside_id, after={"reason": row.reason})
    return bool(done == 1)


def list_unseen_lines(limit: int = 50, day: date | None = None) -> list[UnreadableLineView]:
    """Lines that no person has seen, of all days or one, newest first."""
    query = BillAside.select().where(BillAside.seen_at.is_null())
    if day is not None:
        query = query.where(BillAside.bill_day == day.isoformat())
    return [_view(row) for row in query.order_by(BillAside.id.desc()).limit(limit)]


def unseen_counts(days: Sequence[date]) -> dict[date, int]:
    """How many lines of each of these days no person has seen; days without any are left out."""
    if not days:
        return {}
    within = (BillAside.bill_day >= min(days).isoformat()) & (
        BillAside.bill_day <= max(days).isoformat()
    )
    query: Any = BillAside.select(BillAside.bill_day, fn.COUNT(BillAside.id))
    query = query.where(BillAside.seen_at.is_null() & within).group_by(BillAside.bill_day)
    return {date.fromisoformat(day): int(count) for day, count in query.tuples()}


def _keep(day: date, mchid: str, each: SetAside) -> bool:
    raw = each.raw.replace("\0", "␀")
    why = json.dumps([each.reason, dict(each.facts)], ensure_ascii=False, sort_keys=True)
    text = f"{each.line}\n{raw}\n{why if each.line == WHOLE else ''}"
    return insert_once(
        BillAside,
        bill_day=day.isoformat(),
        mchid=mchid,
        bill=each.bill,
        line=each.line,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        content=raw,
        reason=each.reason,
        facts=dict(each.facts) or None,
        created_at=clock.now(),
    )


def _view(row: Any) -> UnreadableLineView:
    return UnreadableLineView(
        row.id,
        row.bill_day,
        row.bill,
        row.line,
        row.content,
        row.reason,
        row.facts or {},
        row.seen_by,
        row.seen_at,
    )
