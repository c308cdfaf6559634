"""Reading bills and pairing them; may be repeated for any day of the last three months."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date

from domain.outbox import Did
from domain.payments.ports import UNREADABLE, PayPort
from domain.reconcile import asides, days, pairing
from domain.reconcile.queries import count_differences
from domain.reconcile.rules import KINDS, Bill, read_fund, read_trade
from domain.reconcile.service import DAYS_AT_ONCE
from kernel.errors import GatewayError, Refused
from kernel.store import Store

log = logging.getLogger(__name__)

SILENT_MOST = 3
"""Days in a row without an answer after which a run stops: WeChat is away."""


async def reconcile_day(
    store: Store, pay: PayPort, day: date, names: Iterable[str] = tuple(KINDS)
) -> dict[str, int]:
    """Read bills of a day; returns how many lines of the day are in each state.

    A bill that can't be had does not stop the other; its error is raised at the end.
    """
    fault = None
    for name in names:
        try:
            bill = await fetch_bill(store, pay, day, name)
        except GatewayError as error:
            fault = fault or error
        else:
            await book_bill(store, day, pay.mchid, bill)
    if fault is not None:
        raise fault
    return await store.read(pairing.day_counts, day, pay.mchid)


async def fetch_bill(store: Store, pay: PayPort, day: date, name: str) -> Bill:
    """One of WeChat's bills; why it can't be had is recorded with its day.

    Raises the gateway's errors.
    """
    try:
        if name == "trade":
            return read_trade(await pay.trade_bill(day))
        return read_fund(await pay.fund_bill(day))
    except GatewayError as error:
        await store.write(_record_failure, day, pay.mchid, name, error)
        raise


def _record_failure(day: date, mchid: str, name: str, error: GatewayError) -> None:
    is_refused = isinstance(error, Refused)
    days.record_failure(day, mchid, name, error.code, is_unreadable=is_refused)
    if error.code == UNREADABLE:
        facts = error.facts
        asides.record_unreadable_bill(day, mchid, name, facts["why"], facts["of_bill"])


async def book_bill(store: Store, day: date, mchid: str, bill: Bill) -> None:
    """Pair a bill in parts, each a transaction; the day counts as read with the last.

    A process that is killed before leaves the day unread, and the next run repeats it.
    """
    for part in bill.parts(pairing.AT_ONCE):
        await store.write(pairing.book_part, day, mchid, part)
    await store.write(pairing.end_reading, day, mchid, bill)


async def catch_up(store: Store, pay: PayPort) -> Did:
    """Read unread days, oldest first, at most a month of them in one run (补对账).

    A day without its bills does not stop the others, but several in a row without an answer do.
    The first error is raised at the end, so that the job is repeated. Raises the gateway's errors.
    """
    due = await store.read(days.bills_to_fetch, pay.mchid)
    fault, silent = None, 0
    for day, names in list(due.items())[:DAYS_AT_ONCE]:
        try:
            await reconcile_day(store, pay, day, names)
            silent = 0
        except GatewayError as error:
            log.warning("bills of %s were not read: %s", day, error)
            fault = fault or error
            silent = 0 if isinstance(error, Refused) else silent + 1
        if silent == SILENT_MOST:
            break
    if not due:
        await store.write(pairing.pair_waiting_lines, pay.mchid)
    if fault is not None:
        raise fault
    return await store.read(_did, pay.mchid, min(len(due), DAYS_AT_ONCE))


def _did(mchid: str, read: int) -> Did:
    left = len(days.unread_days(mchid))
    return {"days": read, "differences": count_differences(mchid), "left": left}


async def reconcile_since(store: Store, pay: PayPort, since: date) -> dict[date, dict[str, int]]:
    """Reconcile every day from ``since`` to the last that has bills, at most ninety."""
    return {day: await reconcile_day(store, pay, day) for day in days_since(since)}


def days_since(since: date) -> list[date]:
    """Every day from ``since`` to the last that has bills, at most ninety."""
    return days.days_between(max(since, days.oldest_kept_day()), days.last_billed_day())
