"""Periodic jobs: due times, claims, alignment to the clock, retries, recorded figures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from peewee import OperationalError

from domain.outbox import Did, Periodic, PeriodicRunner, queries
from kernel import clock
from kernel.faults import Fault
from kernel.store import Store
from models import PeriodicJob
from tests.harness.waiting import PATIENCE

MINUTE = timedelta(minutes=1)


class Work:
    """A periodic job that counts its runs."""

    def __init__(self, *errors: Exception) -> None:
        self.runs = 0
        self._errors = list(errors)

    async def __call__(self) -> Did:
        self.runs += 1
        if self._errors:
            raise self._errors.pop(0)
        return {"runs": self.runs}


def _move(by: timedelta) -> None:
    clock.set_offset(clock.offset() + by)


async def _row(store: Store, name: str = "tidy") -> PeriodicJob:
    return await store.read(lambda: PeriodicJob.get(PeriodicJob.name == name))


async def test_a_job_runs_at_once_and_then_each_round(store: Store) -> None:
    work = Work()
    runner = PeriodicRunner(store, [Periodic("tidy", MINUTE, work)], "w1")
    await runner.prepare()
    await runner.prepare()
    assert await runner.run_due() == 1
    assert await runner.run_due() == 0
    _move(MINUTE)
    assert await runner.run_due() == 1
    row = await _row(store)
    assert (row.last_did, row.failures, row.leased_by) == ({"runs": 2}, 0, None)
    (shown,) = await store.read(queries.list_periodic_jobs)
    assert (shown.name, shown.did, shown.fault) == ("tidy", {"runs": 2}, None)


async def test_missed_rounds_are_caught_up_with_one_run(store: Store) -> None:
    work = Work()
    runner = PeriodicRunner(store, [Periodic("tidy", MINUTE, work)], "w1")
    await runner.prepare()
    await runner.run_due()
    _move(timedelta(days=15))
    assert await runner.run_due() == 1
    assert await runner.run_due() == 0
    assert work.runs == 2


async def test_moving_time_back_does_not_stop_a_job_for_days(store: Store) -> None:
    work = Work()
    runner = PeriodicRunner(store, [Periodic("tidy", MINUTE, work)], "w1")
    clock.set_offset(timedelta(days=15))
    await runner.prepare()
    await runner.run_due()
    clock.set_offset(timedelta(0))
    assert await runner.run_due() == 1
    assert await runner.run_due() == 0


async def test_a_failing_job_records_and_counts_the_fault_and_is_retried_early(
    store: Store,
) -> None:
    work = Work(RuntimeError("bill not ready"), ValueError("x" * 600))
    runner = PeriodicRunner(store, [Periodic("tidy", timedelta(days=1), work)], "w1")
    await runner.prepare()
    await runner.run_due()
    row = await _row(store)
    assert (row.last_did, row.last_result) == (None, "bug")
    assert row.failures == 1
    (shown,) = await store.read(queries.list_periodic_jobs)
    error = Fault("bug", "bug", "bill not ready", {"error": "RuntimeError"})
    assert (shown.did, shown.fault) == (None, error)
    assert timedelta(0) < row.due_at - clock.now() <= MINUTE
    _move(MINUTE)
    await runner.run_due()
    row = await _row(store)
    assert row.failures == 2
    assert len(row.last_result_facts["said"]) == 500
    _move(timedelta(minutes=10))
    await runner.run_due()
    row = await _row(store)
    assert (row.last_did, row.last_result, row.failures) == ({"runs": 3}, None, 0)
    assert row.last_result_facts is None
    assert timedelta(hours=23) < row.due_at - clock.now() <= timedelta(days=1)


async def test_two_runners_run_a_job_once(store: Store) -> None:
    work = Work()
    jobs = [Periodic("tidy", MINUTE, work)]
    runners = [PeriodicRunner(store, jobs, name) for name in ("w1", "w1", "w2")]
    await runners[0].prepare()
    assert sum(await asyncio.gather(*(r.run_due() for r in runners))) == 1
    assert work.runs == 1


async def test_a_job_whose_runner_died_is_taken_over_after_its_lease(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work()
    runner = PeriodicRunner(store, [Periodic("tidy", MINUTE, work)], "w1")
    await runner.prepare()

    def die() -> None:
        PeriodicJob.update(
            leased_by="dead", leased_until=clock.system_now() + timedelta(seconds=60)
        ).execute()

    await store.write(die)
    _move(timedelta(days=1))  # leases depend on the system's time, not on business time
    assert await runner.run_due() == 0
    later = clock.system_now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "system_now", lambda: later)
    assert await runner.run_due() == 1


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 1, 1, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, 2, tzinfo=UTC)),
        (datetime(2026, 3, 1, 2, 0, 0, tzinfo=UTC), datetime(2026, 3, 2, 2, tzinfo=UTC)),
        (datetime(2026, 3, 1, 17, 0, 0, tzinfo=UTC), datetime(2026, 3, 2, 2, tzinfo=UTC)),
    ],
)
def test_a_daily_job_keeps_to_its_hour_in_shanghai(at: datetime, expected: datetime) -> None:
    job = Periodic("bill", timedelta(days=1), Work(), at=timedelta(hours=10))
    assert job.next_after(at) == expected


def test_an_hourly_job_with_a_minute() -> None:
    job = Periodic("hourly", timedelta(hours=1), Work(), at=timedelta(minutes=5))
    at = datetime(2026, 3, 1, 1, 5, tzinfo=UTC)
    assert job.next_after(at) == datetime(2026, 3, 1, 2, 5, tzinfo=UTC)
    assert job.next_after(at - timedelta(seconds=1)) == at


async def test_a_job_with_an_hour_first_waits_for_it(store: Store) -> None:
    work = Work()
    job = Periodic("bill", timedelta(days=1), work, at=timedelta(hours=10))
    runner = PeriodicRunner(store, [job], "w1")
    await runner.prepare()
    assert await runner.run_due() == 0
    _move(timedelta(days=1))
    assert await runner.run_due() == 1


async def test_the_running_loop_runs_and_stops(store: Store) -> None:
    quick, slow_begun, go_on = Work(), asyncio.Event(), asyncio.Event()

    async def slow() -> Did:
        slow_begun.set()
        await go_on.wait()
        return {"slow": 1}

    jobs = [Periodic("slow", MINUTE, slow), Periodic("quick", MINUTE, quick)]
    runner = PeriodicRunner(store, jobs, "w1")
    running = asyncio.create_task(runner.run())
    await asyncio.wait_for(slow_begun.wait(), PATIENCE)
    async with asyncio.timeout(PATIENCE):
        while (await _row(store, "quick")).last_did is None:
            await asyncio.sleep(0.01)  # the slow job doesn't delay the other one
    runner.stop()
    go_on.set()
    await asyncio.wait_for(running, PATIENCE)
    assert (await _row(store, "slow")).last_did == {"slow": 1}


async def test_a_database_that_is_away_at_the_start_does_not_end_the_jobs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the loop ended without a log line, and no job ran until the next restart."""
    work = Work()
    runner = PeriodicRunner(store, [Periodic("tidy", MINUTE, work)], "w1")
    monkeypatch.setattr("domain.outbox.periodic.POLL_SECONDS", 0.01)
    away = [OperationalError("the server is starting up")] * 2
    real = runner.prepare

    async def prepare() -> None:
        if away:
            raise away.pop()
        await real()

    monkeypatch.setattr(runner, "prepare", prepare)
    running = asyncio.create_task(runner.run())
    async with asyncio.timeout(PATIENCE):
        while not work.runs:
            await asyncio.sleep(0.01)
    runner.stop()
    await asyncio.wait_for(running, PATIENCE)
    assert (away, work.runs) == ([], 1)
