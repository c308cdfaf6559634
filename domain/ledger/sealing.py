"""Sealing of closed days (封账). See "Sealed days" in ``docs/algorithms/ledger.md``; ADR 0064."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from domain.ledger.faults import BookFault, book_fault
from domain.ledger.service import EVER, OPEN
from kernel import clock
from kernel.store import Store, insert_once, insert_rows, lock_row
from models import LedgerDay, LedgerMark, LedgerSum, LedgerTransfer

SEALED = "sealed"
SEAL_AFTER = timedelta(hours=1)
"""A day is closed this long after its end; few of its bookings are still under way then."""

A_DAY = timedelta(days=1)
DAYS_AT_ONCE = 400


async def seal_due(store: Store) -> int:
    """Close and seal every business day that ended an hour ago or earlier; returns how many.

    Several workers may do so at once, and each step may be repeated.
    """
    until = await store.read(closable_until)
    if until is None:
        return 0
    await store.write(close_until, until)
    done = 0
    while done < DAYS_AT_ONCE and await store.write(seal_next) is not None:
        done += 1
    return done


def closable_until() -> datetime | None:
    """The end of the last day that may be closed now; None if no day is due."""
    last = clock.day_start(clock.business_day(clock.now() - SEAL_AFTER))
    start = sealed_until() or _first_day()
    return last if start is not None and start < last else None


def close_until(instant: datetime) -> None:
    """Let nothing be booked before this instant from now on.

    It waits for transactions that read the old mark. Later bookings whose clock is earlier get
    this instant.
    """
    insert_once(LedgerMark, name=OPEN, at=EVER)
    mark = _locked(OPEN)
    if mark.at < instant:
        LedgerMark.update(at=instant).where(LedgerMark.id == mark.id).execute()


def seal_next() -> date | None:
    """Store the sums in and out of every account for the oldest unsealed closed day; returns it.

    Parallel calls take turns. None if every closed day is sealed.
    """
    first = sealed_until() or _first_day()
    if first is None:
        return None
    insert_once(LedgerMark, name=SEALED, at=first)
    mark, opened = _locked(SEALED), LedgerMark.get(LedgerMark.name == OPEN)
    end = mark.at + A_DAY
    if end > opened.at:
        return None
    day = clock.business_day(mark.at)
    rows = [
        {"account_id": account, "day": day.isoformat(), "came_fen": came, "went_fen": went}
        for account, (came, went) in sorted(turnover_between(mark.at, end).items())
    ]
    if rows:
        insert_rows(LedgerDay, rows)
        _add_to_sums(day)
    LedgerMark.update(at=end).where(LedgerMark.id == mark.id).execute()
    return day


def sealed_until() -> datetime | None:
    """The instant up to which all days are sealed; None before the first."""
    row = LedgerMark.get_or_none(LedgerMark.name == SEALED)
    return row.at if row is not None else None


def turnover_between(start: datetime, end: datetime) -> dict[int, tuple[int, int]]:
    """Fen in and out of each account between two instants; final for closed days."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for place, side in enumerate((LedgerTransfer.to_account, LedgerTransfer.from_account)):
        query: Any = (
            LedgerTransfer.select(side, fn.SUM(LedgerTransfer.amount_fen))
            .where((LedgerTransfer.created_at >= start) & (LedgerTransfer.created_at < end))
            .group_by(side)
            .tuples()
        )
        for account, fen in query:
            sums[int(account)][place] = int(fen)
    return {account: (came, went) for account, (came, went) in sums.items()}


def list_wrong_seals() -> list[BookFault]:
    """Every sealed day and sum that differs from its transfers.

    Nothing is booked into a sealed day, so the days may be read one after the other. If another
    day is sealed meanwhile, all are read again.
    """
    while True:
        until = sealed_until()
        found = list(_unsound(until)) if until is not None else []
        if until == sealed_until():
            return found


def _unsound(until: datetime) -> Iterator[BookFault]:
    days: Any = LedgerDay.select(LedgerDay.day).distinct().order_by(LedgerDay.day).tuples()
    names = {str(name) for (name,) in days}
    start = _first_day()
    while start is not None and start < until:
        names.add(clock.business_day(start).isoformat())
        start += A_DAY
    whole: dict[int, tuple[int, int]] = {}
    for name in sorted(names):
        yield from _unsound_day(name, until, whole)
    yield from _unsound_sums(whole)


def _unsound_day(
    name: str, until: datetime, whole: dict[int, tuple[int, int]]
) -> Iterator[BookFault]:
    """Compare a day's rows with its transfers; its rows are added to ``whole``."""
    start = clock.day_start(date.fromisoformat(name))
    rows = LedgerDay.select().where(LedgerDay.day == name)
    said = {row.account_id: (row.came_fen, row.went_fen) for row in rows}
    true = turnover_between(start, start + A_DAY) if start < until else {}
    for account, moved in said.items():
        came, went = whole.get(account, (0, 0))
        whole[account] = (came + moved[0], went + moved[1])
    for account in sorted(said.keys() | true.keys()):
        sealed, found = said.get(account, (0, 0)), true.get(account, (0, 0))
        if sealed != found:
            yield book_fault(
                "day_differs", day=name, account=account,
                stored_in_fen=sealed[0], stored_out_fen=sealed[1],
                true_in_fen=found[0], true_out_fen=found[1],
            )  # fmt: skip


def _unsound_sums(whole: dict[int, tuple[int, int]]) -> Iterator[BookFault]:
    """Compare the sums of all sealed days with the days."""
    sums = {row.account_id: (row.came_fen, row.went_fen) for row in LedgerSum.select()}
    for account in sorted(sums.keys() | whole.keys()):
        if sums.get(account, (0, 0)) != whole.get(account, (0, 0)):
            yield book_fault("sum_differs", account=account)


def _first_day() -> datetime | None:
    """The start of the day of the first transfer, or None."""
    first = LedgerTransfer.select(fn.MIN(LedgerTransfer.created_at)).scalar()
    return clock.day_start(clock.business_day(first)) if first is not None else None


def _add_to_sums(day: date) -> None:
    today = LedgerDay.day == day.isoformat()
    mine = today & (LedgerDay.account_id == LedgerSum.account_id)
    moved = LedgerDay.select(LedgerDay.account_id).where(today)
    LedgerSum.update(
        came_fen=LedgerSum.came_fen + LedgerDay.select(LedgerDay.came_fen).where(mine),
        went_fen=LedgerSum.went_fen + LedgerDay.select(LedgerDay.went_fen).where(mine),
    ).where(LedgerSum.account_id.in_(moved)).execute()
    known = LedgerSum.select(LedgerSum.account_id)
    new = LedgerDay.select(LedgerDay.account_id, LedgerDay.came_fen, LedgerDay.went_fen).where(
        today & LedgerDay.account_id.not_in(known)
    )
    names = [LedgerSum.account_id, LedgerSum.came_fen, LedgerSum.went_fen]
    LedgerSum.insert_from(new, names).execute()


def _locked(name: str) -> Any:
    row = LedgerMark.get(LedgerMark.name == name)
    return lock_row(LedgerMark, row.id)
