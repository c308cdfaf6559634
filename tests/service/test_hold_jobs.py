"""Periodic jobs during the after-restore hold: jobs that release or pay do nothing."""

from __future__ import annotations

from datetime import timedelta

from domain import after_restore_hold
from domain.aftersales import wiring as aftersales
from domain.distribution import wiring as distribution
from domain.outbox import Did, Periodic
from kernel import clock
from kernel.store import Store

HOUR = timedelta(hours=1)


async def test_a_job_that_stops_in_the_hold_does_nothing_until_it_is_lifted(store: Store) -> None:
    ran: list[str] = []

    async def pay() -> Did:
        ran.append("pay")
        return {"paid": 1}

    async def tidy() -> Did:
        ran.append("tidy")
        return {"forgotten": 1}

    jobs = after_restore_hold.held_jobs(
        store, [Periodic("pay", HOUR, pay, stops_in_hold=True), Periodic("tidy", HOUR, tidy)]
    )
    assert [await job.run() for job in jobs] == [{"paid": 1}, {"forgotten": 1}]
    await store.write(after_restore_hold.begin_hold, "磁盘坏了", clock.now())
    assert [await job.run() for job in jobs] == [{"is_held": True}, {"forgotten": 1}]
    assert ran == ["pay", "tidy", "tidy"]


def test_commission_and_overdue_cases_stop_in_the_hold(store: Store) -> None:
    jobs = [*distribution.periodic(store), *aftersales.periodic(store)]
    assert {job.name for job in jobs if job.stops_in_hold} == {"commission_run", "cases.due"}
