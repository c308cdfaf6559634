"""Days of the ledger are sealed while others post to it, and by several workers at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

from domain import ledger
from domain.ledger import Posting, member_account, merchant_account
from domain.ledger.sealing import close_until, seal_next
from kernel import clock
from models import LedgerDay, LedgerTransfer
from tests.factories.distribution import pass_time
from tests.race.crowd import at_once, outcomes

SALES = merchant_account("sales")


def _book(key: str, member: int, second: int | None = None) -> None:
    """Post to the balances of two members, in the given order."""
    for part, who in enumerate((member, second or member)):
        available = member_account("available", 1 + who)
        ledger.post([Posting(f"{key}:{part}", SALES, available, 7, "test")], "test", 1)


async def test_bookings_go_on_while_days_are_sealed_and_none_is_lost(store: Any) -> None:
    for number in range(6):
        await store.write(_book, f"old:{number}", number % 3)
        pass_time(days=1)
    calls = [partial(_book, f"new:{n}", n % 3, (n + 1) % 3) for n in range(60)]
    checking = [store.report(ledger.check_open_days) for _ in range(12)]
    sealing = [ledger.seal_due(store) for _ in range(3)]
    booking = at_once(store, calls)
    booked, sealed, checked = await asyncio.gather(
        booking, asyncio.gather(*sealing), asyncio.gather(*checking)
    )
    assert outcomes(booked) == {"ok": 60}
    assert sum(sealed) in (5, 6)
    assert [each.faults for each in checked] == [[]] * 12
    assert (await store.report(ledger.check_open_days)).faults == []
    assert (await store.report(ledger.check_fully)).faults == []


async def test_two_workers_that_seal_at_once_seal_each_day_once(store: Any) -> None:
    for number in range(4):
        await store.write(_book, f"old:{number}", number)
        pass_time(days=1)
    until = clock.day_start(clock.business_day(clock.now()))
    await store.write(close_until, until)
    days = await at_once(store, [seal_next] * 8)
    assert outcomes(days) == {"ok": 8}
    assert len([day for day in days if day is not None]) == 4
    assert LedgerDay.select().count() == 8
    assert (await store.report(ledger.check_fully)).faults == []


async def test_closing_a_day_waits_for_postings_that_belong_to_it(store: Any) -> None:
    """Each posting is either before the mark and sealed, or after it and open."""
    await store.write(_book, "first", 0)
    now = clock.now()
    marks = [partial(close_until, now + timedelta(hours=n)) for n in (1, 2, 3)]
    calls = [partial(_book, f"k{n}", n) for n in range(20)]
    answers = await at_once(store, [*calls[:10], *marks, *calls[10:]])
    assert outcomes(answers) == {"ok": 23}
    await store.write(_book, "last", 0)
    last = LedgerTransfer.get(LedgerTransfer.idem_key == "last:0").created_at
    assert last == now + timedelta(hours=3)
    booked = {row.created_at for row in LedgerTransfer.select()}
    between = [at for at in booked if at not in {now + timedelta(hours=n) for n in (1, 2, 3)}]
    assert all(at < now + timedelta(hours=1) for at in between)
