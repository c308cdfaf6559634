"""Days of bills (账单日): what was read of each, when, and the sums of both sides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from peewee import fn

from domain import ledger
from domain.ledger import merchant_account
from domain.reconcile.rules import IN_FLIGHT, KINDS, OPEN, Bill
from kernel import clock
from kernel.store import insert_once
from models import BillDay, BillLine, LedgerTransfer

READY = timedelta(hours=10)
"""WeChat's bills of a day are ready this long after midnight."""
LATE = timedelta(hours=12)
"""A day's bills are read by this time of the next day; an unread day is a gap afterwards."""
LONGEST_DAYS = 90
"""WeChat keeps bills for three months."""
REFUSED_AGAIN = timedelta(hours=6)
"""A bill that can't be read is fetched again by itself after this time."""
ASKED_FOR = timedelta(minutes=15)
"""A person waits for so long; afterwards the day may be asked for again."""
AT_ONCE = 500
SUMS = {"payment": "paid_fen", "refund": "refunded_fen", "transfer": "sent_fen"}


def last_billed_day() -> date:
    """Yesterday, or the day before it until yesterday's bills are ready."""
    return clock.business_day(clock.now() - READY) - timedelta(days=1)


def last_late_day() -> date:
    """The newest day that should have been read by now."""
    return clock.business_day(clock.now() - LATE) - timedelta(days=1)


def oldest_kept_day() -> date:
    """The oldest day whose bills WeChat still has."""
    return last_billed_day() - timedelta(days=LONGEST_DAYS - 1)


def first_day() -> date | None:
    """The day of the first booking; None if nothing was ever booked."""
    at = LedgerTransfer.select(fn.MIN(LedgerTransfer.created_at)).scalar()
    return None if at is None else clock.business_day(at)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, oldest first."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def unread_bills(mchid: str) -> dict[date, tuple[str, ...]]:
    """Bills that WeChat still has and that were not read, by day, oldest first."""
    begun = first_day()
    if begun is None:
        return {}
    days = days_between(max(begun, oldest_kept_day()), last_billed_day())
    read = _names_in_state(mchid, days, "read")
    left = {day: tuple(n for n in KINDS if (day.isoformat(), n) not in read) for day in days}
    return {day: names for day, names in left.items() if names}


def bills_to_fetch(mchid: str) -> dict[date, tuple[str, ...]]:
    """As ``unread_bills``, without those that could not be read a short while ago."""
    before = clock.now() - REFUSED_AGAIN
    lately = (BillDay.state == "unreadable") & (BillDay.tried_at > before)
    rows = BillDay.select().where((BillDay.mchid == mchid) & lately)
    wait = {(row.day, row.bill) for row in rows}
    found = {}
    for day, names in unread_bills(mchid).items():
        if left := tuple(name for name in names if (day.isoformat(), name) not in wait):
            found[day] = left
    return found


def unread_days(mchid: str) -> list[date]:
    """Days with unread bills that WeChat still has, oldest first."""
    return list(unread_bills(mchid))


def overdue_days(mchid: str) -> list[date]:
    """Unread days that should have been read by now."""
    newest = last_late_day()
    return [day for day in unread_days(mchid) if day <= newest]


def lost_days(mchid: str) -> list[date]:
    """Days that were not read while WeChat had their bills, oldest first."""
    begun = first_day()
    if begun is None:
        return []
    days = days_between(begun, oldest_kept_day() - timedelta(days=1))
    read = _names_in_state(mchid, days, "read")
    return [day for day in days if any((day.isoformat(), n) not in read for n in KINDS)]


def has_readings(mchid: str) -> bool:
    """True if any bill was ever read."""
    return bool(BillDay.select().where(_mine(mchid) & BillDay.read_at.is_null(False)).exists())


def record_reading(day: date, mchid: str, bill: Bill) -> None:
    """The bill was read as a whole; its sums follow from its lines."""
    _change(day, mchid, bill.name, state="read", read_at=clock.now(), tried_at=clock.now(),
            fault=None, asked_at=None, records=bill.records)  # fmt: skip
    add_up(mchid, day)


def record_failure(day: date, mchid: str, name: str, fault: str, *, is_unreadable: bool) -> None:
    """The bill could not be had. One that was read before stays read."""
    _change(day, mchid, name, tried_at=clock.now(), fault=fault[:64], asked_at=None)
    if is_unreadable:
        unread = BillDay.state != "read"
        BillDay.update(state="unreadable").where(_one(day, mchid, name) & unread).execute()


def ask(mchid: str, days: Iterable[date]) -> int:
    """Mark days as waited for; returns how many were not before."""
    now, new = clock.now(), 0
    for day in days:
        for name in KINDS:
            insert_once(BillDay, mchid=mchid, day=day.isoformat(), bill=name)
        idle = BillDay.asked_at.is_null() | (BillDay.asked_at < now - ASKED_FOR)
        mine = _mine(mchid) & (BillDay.day == day.isoformat())
        new += bool(BillDay.update(asked_at=now).where(mine & idle).execute())
    return new


def stop_waiting(mchid: str) -> None:
    """Nobody waits any longer for what a run did not come to."""
    asked = BillDay.asked_at.is_null(False)
    BillDay.update(asked_at=None).where(_mine(mchid) & asked).execute()


def is_read(day: date, mchid: str, name: str) -> bool:
    """True if this bill was read before."""
    done = _one(day, mchid, name) & (BillDay.state == "read")
    return bool(BillDay.select().where(done).exists())


def add_up(mchid: str, day: date) -> None:
    """Store the sums and counts of a day, as its lines are now."""
    for name, values in _sums(mchid, day).items():
        BillDay.update(**values).where(_one(day, mchid, name)).execute()


def _sums(mchid: str, day: date) -> dict[str, dict[str, int]]:
    """By bill: WeChat's fen and the book's, by kind, and the number of lines by state."""
    query: Any = (
        BillLine.select(
            BillLine.kind, BillLine.state, BillLine.opened_at.is_null(), fn.COUNT(BillLine.id),
            fn.COALESCE(fn.SUM(BillLine.amount_fen), 0), fn.COALESCE(fn.SUM(BillLine.ours_fen), 0),
            fn.COALESCE(fn.SUM(BillLine.fee_fen), 0),
        )
        .where((BillLine.mchid == mchid) & (BillLine.bill_day == day.isoformat()))
        .group_by(BillLine.kind, BillLine.state, BillLine.opened_at.is_null())
    )  # fmt: skip
    names = ("lines", "open_lines", "ended_lines", "waiting_fen", *SUMS.values(), "fee_fen")
    totals = {bill: dict.fromkeys(names, 0) for bill in KINDS}
    for bill in totals.values():
        bill |= {f"booked_{name}": 0 for name in (*SUMS.values(), "fee_fen")}
    for kind, state, never_open, count, theirs, ours, fee in query.tuples():
        mine = totals[next(bill for bill, kinds in KINDS.items() if kind in kinds)]
        mine["lines"] += int(count)
        mine["open_lines"] += int(count) if state in OPEN else 0
        mine["ended_lines"] += int(count) if not never_open and state not in OPEN else 0
        mine["waiting_fen"] += int(theirs) if state == IN_FLIGHT else 0
        mine[SUMS[kind]] += int(theirs)
        mine[f"booked_{SUMS[kind]}"] += int(ours)
        mine["fee_fen"] += int(fee)
    totals["trade"]["booked_fee_fen"] = _booked_fees(mchid, day)
    return totals


def _booked_fees(mchid: str, day: date) -> int:
    """The fees in our ledger for the day's lines, less those that WeChat returned."""
    with_fee = (BillLine.fee_fen != 0) & (BillLine.bill_day == day.isoformat())
    query: Any = BillLine.select(BillLine.kind, BillLine.out_number)
    lines = list(query.where((BillLine.mchid == mchid) & with_fee).tuples())
    account = ledger.find_account(merchant_account("fees"))
    total = 0
    for start in range(0, len(lines), AT_ONCE):
        keys = [f"fee:{kind}:{number}" for kind, number in lines[start : start + AT_ONCE]]
        for row in LedgerTransfer.select().where(LedgerTransfer.idem_key.in_(keys)):
            is_ours = account is not None and row.from_account_id == account.id
            total += row.amount_fen if is_ours else -row.amount_fen
    return int(total)


def _change(day: date, mchid: str, name: str, **values: Any) -> None:
    insert_once(BillDay, mchid=mchid, day=day.isoformat(), bill=name)
    BillDay.update(**values).where(_one(day, mchid, name)).execute()


def _names_in_state(mchid: str, days: list[date], state: str) -> set[tuple[str, str]]:
    if not days:
        return set()
    within = (BillDay.day >= days[0].isoformat()) & (BillDay.day <= days[-1].isoformat())
    rows = BillDay.select(BillDay.day, BillDay.bill)
    rows = rows.where(_mine(mchid) & within & (BillDay.state == state))
    return {(str(row.day), str(row.bill)) for row in rows}


def _mine(mchid: str) -> Any:
    return BillDay.mchid == mchid


def _one(day: date, mchid: str, name: str) -> Any:
    return _mine(mchid) & (BillDay.day == day.isoformat()) & (BillDay.bill == name)
