"""Reading a day's bills and pairing them; may be repeated for any day of the last three months."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from domain.payments.ports import PayPort
from domain.reconcile import asides, service
from domain.reconcile.queries import LONGEST_DAYS, last_billed_day, unread_days
from domain.reconcile.rules import Bill, read_bills
from kernel.errors import Refused
from kernel.store import Store

log = logging.getLogger(__name__)

UNREADABLE = "bill_shape"


async def reconcile_day(store: Store, pay: PayPort, day: date) -> dict[str, int]:
    """Reconcile one day; returns how many lines are in each state."""
    bill = await read_day(store, pay, day)
    return await store.write(service.book_day, day, pay.mchid, bill)


async def read_day(store: Store, pay: PayPort, day: date) -> Bill:
    """WeChat's two bills of a day; a bill that can't be read is recorded for a person."""
    kind = "trade"
    try:
        trade = await pay.trade_bill(day)
        kind = "fund"
        fund = await pay.fund_bill(day)
    except Refused as error:
        if error.code == UNREADABLE:
            await store.write(asides.record_unreadable_bill, day, pay.mchid, kind, error.message)
        raise
    return read_bills(trade, fund)


async def catch_up(store: Store, pay: PayPort) -> dict[date, dict[str, int]]:
    """Reconcile every unread day, oldest first, and the last day again (补对账).

    A day with refused bills does not stop the others; its error is raised at the end, so that the
    job is repeated. Raises the gateway's errors.
    """
    unread = await store.read(unread_days, pay.mchid)
    done, refused = {}, None
    for day in sorted({*unread, last_billed_day()}):
        try:
            done[day] = await reconcile_day(store, pay, day)
        except Refused as error:
            log.warning("bills of %s were refused: %s", day, error)
            refused = refused or error
    if refused is not None:
        raise refused
    return done


async def reconcile_since(store: Store, pay: PayPort, since: date) -> dict[date, dict[str, int]]:
    """Reconcile every day from ``since`` to the last that has bills, at most ninety."""
    return {day: await reconcile_day(store, pay, day) for day in days_since(since)}


def days_since(since: date) -> list[date]:
    """Every day from ``since`` to the last that has bills, at most ninety."""
    last = last_billed_day()
    first = max(since, last - timedelta(days=LONGEST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
