"""Parallel workers on one outbox, leases that expire, and parallel runners of periodic jobs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any

import pytest

from domain.outbox import (
    Job,
    LeaseLost,
    Limits,
    LocalWake,
    Periodic,
    PeriodicRunner,
    Worker,
    claims,
    enqueue,
)
from kernel import clock
from kernel.store import is_sqlite
from models import AuditEntry, OutboxRow, PeriodicJob
from tests.harness.waiting import PATIENCE
from tests.race.crowd import at_once, outcomes

KIND = "race"


def _fill(rows: int, keys: int = 0) -> None:
    for n in range(rows):
        enqueue(KIND, {"n": n}, order_key=f"k{n % keys}" if keys else None)


def _did(row_id: int, by: str) -> None:
    AuditEntry.insert(
        actor=by, action=KIND, target_type="row", target_id=str(row_id), at=clock.now()
    ).execute()


def _done() -> list[int]:
    rows = AuditEntry.select().where(AuditEntry.action == KIND).order_by(AuditEntry.id)
    return [int(row.target_id) for row in rows]


def _workers(store: Any, handler: Any, count: int) -> list[Worker]:
    return [
        Worker(store, {KIND: handler}, f"w{n}", LocalWake(), Limits(concurrency=4))
        for n in range(count)
    ]


async def test_two_workers_on_one_row_do_it_once(store: Any) -> None:
    async def handler(payload: dict[str, Any], job: Job, /) -> None:
        await job.done_in(_did, job.id, "w")

    for n in range(5):
        await store.write(_fill, 1)
        await asyncio.gather(*(w.drain() for w in _workers(store, handler, 2)))
        assert len(await store.read(_done)) == n + 1
    assert await store.read(OutboxRow.select().where(OutboxRow.state == "done").count) == 5


async def test_six_workers_on_sixty_rows_do_each_once(store: Any) -> None:
    async def handler(payload: dict[str, Any], job: Job, /) -> None:
        await job.done_in(_did, job.id, "w")

    await store.write(_fill, 60)
    workers = _workers(store, handler, 6)
    for _ in range(5):  # a worker may get no rows if the others took them
        await asyncio.gather(*(w.drain() for w in workers))
    done = await store.read(_done)
    assert len(done) == len(set(done)) == 60


async def test_rows_of_one_key_keep_their_order_among_workers(store: Any) -> None:
    async def handler(payload: dict[str, Any], job: Job, /) -> None:
        await asyncio.sleep(0.001)
        await job.done_in(_did, job.id, "w")

    await store.write(_fill, 18, 3)
    workers = _workers(store, handler, 4)
    for _ in range(18):
        await asyncio.gather(*(w.drain() for w in workers))
    keys = {row.id: row.order_key for row in await store.read(list, OutboxRow.select())}
    done = await store.read(_done)
    assert len(done) == 18
    for key in ("k0", "k1", "k2"):
        mine = [row_id for row_id in done if keys[row_id] == key]
        assert mine == sorted(mine)


async def test_ten_takers_at_once_share_the_rows(store: Any) -> None:
    await store.write(_fill, 40)
    found = await store.read(claims.find_runnable, (KIND,), 50)
    takes = await at_once(store, [partial(claims.lease_rows, found, f"w{n}") for n in range(10)])
    taken = [row.id for row in chain.from_iterable(takes)]
    assert sorted(taken) == sorted(found.due)


async def test_workers_that_look_at_once_find_rows_for_each(store: Any) -> None:
    """On a server. SQLite has one worker, so there a look finds only what one worker takes."""
    await store.write(_fill, 40)
    found = await store.read(claims.find_runnable, (KIND,), 10)
    takes = await at_once(store, [partial(claims.lease_rows, found, f"w{n}") for n in range(4)])
    shares = sorted(len(rows) for rows in takes)
    assert shares == ([0, 0, 0, 10] if is_sqlite() else [10] * 4)
    taken = [row.id for row in chain.from_iterable(takes)]
    assert len(taken) == len(set(taken))


async def test_four_workers_empty_a_long_queue_in_one_pass(store: Any) -> None:
    """A worker whose rows were taken by others looks for later rows."""
    seen: list[int] = []

    async def handler(payload: dict[str, Any], job: Job, /) -> None:
        seen.append(payload["n"])

    await store.write(_fill, 400)
    ran = await asyncio.gather(*(w.drain() for w in _workers(store, handler, 4)))
    assert sum(ran) == 400
    assert sorted(seen) == list(range(400))


async def test_a_handler_whose_lease_was_taken_over_may_not_finish(store: Any) -> None:
    """The slow handler and the one that took over finish at the same time."""
    for n in range(5):
        await store.write(_fill, 1)
        (slow,) = await store.write(_take, "slow")
        await store.write(_expire, slow.id)
        await store.write(_take, "none")  # this look finds the lease expired
        (quick,) = await store.write(_take, "quick")
        assert (quick.id, quick.attempt) == (slow.id, 2)
        calls = [
            partial(claims.finish_with, row.id, who, row.attempt, _did, row.id, who)
            for row, who in ((slow, "slow"), (quick, "quick"))
        ]
        answers = await at_once(store, calls)
        assert outcomes(answers) == {"ok": 1, "outbox_lease_lost": 1}
        assert isinstance(answers[0], LeaseLost)
        assert len(await store.read(_done)) == n + 1


async def test_a_row_whose_lease_expires_during_its_handler_is_done_once(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is not renewed, so another worker takes the row over from a running handler."""
    monkeypatch.setattr(claims, "LEASE", timedelta(milliseconds=50))
    taken_over = asyncio.Event()
    seen: list[str] = []

    async def slow(payload: dict[str, Any], job: Job, /) -> None:
        seen.append("slow")
        await asyncio.wait_for(taken_over.wait(), PATIENCE)
        await job.done_in(_did, job.id, "slow")

    async def quick(payload: dict[str, Any], job: Job, /) -> None:
        seen.append("quick")
        await job.done_in(_did, job.id, "quick")
        taken_over.set()

    await store.write(_fill, 1)
    first = Worker(store, {KIND: slow}, "first", LocalWake())
    second = Worker(store, {KIND: quick}, "second", LocalWake())
    working = asyncio.create_task(first.drain(most=1))
    for _ in range(200):
        await asyncio.sleep(0.02)
        if seen and await second.drain(most=1) and taken_over.is_set():
            break
    await working
    assert seen == ["slow", "quick"]
    rows = await store.read(list, AuditEntry.select().where(AuditEntry.action == KIND))
    assert [row.actor for row in rows] == ["quick"]
    assert [row.state for row in await store.read(list, OutboxRow.select())] == ["done"]


async def test_a_due_job_runs_once_among_five_runners(store: Any) -> None:
    ran: list[int] = []

    async def run() -> str:
        ran.append(1)
        return "did it"

    job = Periodic("race.job", timedelta(hours=1), run)
    runners = [PeriodicRunner(store, [job], f"r{n}") for n in range(5)]
    await asyncio.gather(*(runner.prepare() for runner in runners))
    await asyncio.gather(*(runner.run_due() for runner in runners))
    assert ran == [1]
    assert await store.read(PeriodicJob.select().count) == 1


def _take(worker: str) -> list[claims.Claimed]:
    return claims.lease_rows(claims.find_runnable((KIND,), 50), worker)


def _expire(row_id: int) -> None:
    past = clock.system_now() - timedelta(seconds=1)
    OutboxRow.update(leased_until=past).where(OutboxRow.id == row_id).execute()
