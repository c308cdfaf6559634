"""Fetches a day's bills and pairs them; may be run again for any day of the last three months."""

from __future__ import annotations

from datetime import date, timedelta

from domain.payments.ports import PayPort
from domain.reconcile import service
from domain.reconcile.rules import Bill, read_bills
from kernel import clock
from kernel.store import Store

READY = timedelta(hours=10)
LONGEST_DAYS = 90


async def reconcile_day(store: Store, pay: PayPort, day: date) -> dict[str, int]:
    """One day: how many lines are matched, ours_only, theirs_only, amount_differs, closed."""
    return await store.write(service.book_day, day, pay.mchid, await read_day(pay, day))


async def read_day(pay: PayPort, day: date) -> Bill:
    """What WeChat's two bills of a day say."""
    return read_bills(await pay.trade_bill(day), await pay.fund_bill(day))


async def reconcile_since(store: Store, pay: PayPort, since: date) -> dict[date, dict[str, int]]:
    """Every day from ``since`` to the last that has bills, at most ninety."""
    return {day: await reconcile_day(store, pay, day) for day in days_since(since)}


def days_since(since: date) -> list[date]:
    """Every day from ``since`` to the last that has bills, at most ninety."""
    last = last_billed_day()
    first = max(since, last - timedelta(days=LONGEST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def last_billed_day() -> date:
    """Yesterday, or the day before while WeChat still writes yesterday's bills."""
    return clock.business_day(clock.now() - READY) - timedelta(days=1)
