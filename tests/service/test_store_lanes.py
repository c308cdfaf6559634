"""Lanes on servers: waiting commands share a transaction, and a failure affects one command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from kernel.errors import Conflict
from kernel.ids import token
from kernel.metrics import REGISTRY
from kernel.store import CommandKey, Store, after_commit, in_lane, insert_once, store_for
from kernel.store import database as installed
from kernel.store.lanes import MOST_TOGETHER
from tests.harness.waiting import PATIENCE
from tests.service.store_tables import (
    Counter,
    add,
    bump,
    connection_number,
    kill,
    names,
    on_a_server,
    value_of,
)


@pytest.fixture(autouse=True)
def admin(db: Any, database_url: str) -> Iterator[Any]:
    """A second connection that can kill the first."""
    yield from on_a_server(db, database_url)


class Lane:
    """A lane whose first command blocks it, so that later commands wait together."""

    def __init__(self, store: Store, name: str = "sku:1") -> None:
        self._store, self._name = store, name
        # A name of its own: after a row with the same key was deleted, MariaDB locks the gap
        # behind the row, and a test that waits for another connection would wait for itself.
        self.verb = f"{name}:{token(6)}"
        self._inside, self._go = threading.Event(), threading.Event()
        self._number = 0

    async def __aenter__(self) -> Lane:
        self._first = self.send(self._block)
        assert await asyncio.to_thread(self._inside.wait, 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)  # lets the queued callers add their jobs
        self._go.set()
        await self._first

    def send(
        self, fn: Callable[..., Any], *args: Any, key: str = "", body: Any = None
    ) -> asyncio.Task[Any]:
        """Queue a command, under a key of its own if none is given."""
        self._number += 1
        named = CommandKey("m:1", self.verb, key or f"k{self._number}", body)
        verb: Callable[[], Any] = in_lane(lambda: self._name)(partial(fn, *args))
        return asyncio.create_task(self._store.once(named, verb))

    def _block(self) -> None:
        self._inside.set()
        self._go.wait(10)


def _transactions() -> tuple[float, float]:
    value = REGISTRY.get_sample_value
    return (
        value("fenmall_store_batch_jobs_count") or 0.0,
        value("fenmall_store_batch_jobs_sum") or 0.0,
    )


async def test_commands_that_wait_in_a_lane_share_transactions(store: Store) -> None:
    before = _transactions()
    async with Lane(store) as lane:
        tasks = [lane.send(add, f"n{n:03d}") for n in range(MOST_TOGETHER + 10)]
    ids = await asyncio.gather(*tasks)
    after = _transactions()
    assert after[0] - before[0] == 3  # the first command alone, a full transaction, the rest
    assert after[1] - before[1] == MOST_TOGETHER + 11
    assert len(set(ids)) == MOST_TOGETHER + 10
    assert await store.read(names) == [f"n{n:03d}" for n in range(MOST_TOGETHER + 10)]


async def test_a_lane_occupies_one_thread(db: Any) -> None:
    narrow = store_for(db, threads=2)
    try:
        async with Lane(narrow) as lane:
            tasks = [lane.send(add, f"n{n}") for n in range(20)]
            await asyncio.sleep(0)
            assert (
                await asyncio.wait_for(narrow.read(names), 5) == []
            )  # although the lane is blocked
        await asyncio.gather(*tasks)
    finally:
        await narrow.close()


async def test_a_lane_does_not_delay_other_lanes_or_commands_without_one(store: Store) -> None:
    async with Lane(store, "sku:1") as held, Lane(store, "sku:2") as other:
        task = held.send(add, "a")
        assert await store.once(CommandKey("m:1", "add", "k"), add, "b")
        second = other.send(add, "c")
    await asyncio.gather(task, second)
    assert sorted(await store.read(names)) == ["a", "b", "c"]


async def test_a_failed_command_is_rolled_back_alone(store: Store) -> None:
    def failing() -> None:
        add("half")
        raise Conflict("no")

    def buggy() -> None:
        add("half")
        raise ZeroDivisionError

    async with Lane(store) as lane:
        tasks = [lane.send(add, "before"), lane.send(failing), lane.send(buggy),
                 lane.send(add, "after")]  # fmt: skip
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, Conflict, ZeroDivisionError, int]
    assert await store.read(names) == ["before", "after"]


async def test_after_an_integrity_error_each_command_runs_again_alone(store: Store) -> None:
    runs: list[str] = []

    def noted(name: str) -> int:
        runs.append(name)
        return add(name)

    async with Lane(store) as lane:
        tasks = [lane.send(noted, name) for name in ("a", "b", "a", "c")]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(answer, int) for answer in answers] == [True, True, False, True]
    assert runs == ["a", "b", "a", "a", "b", "a", "c"]
    assert await store.read(names) == ["a", "b", "c"]


async def test_two_taps_in_one_transaction_run_once(store: Store) -> None:
    await store.write(add, "a")
    async with Lane(store) as lane:
        tasks = [lane.send(bump, "a", key="tap", body=[1]) for _ in range(3)]
        tasks.append(lane.send(bump, "a", key="tap", body=[2]))
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[:3] == [1, 1, 1]
    assert isinstance(answers[3], Conflict)
    assert answers[3].code == "command_reused"
    assert await store.read(value_of, "a") == 1


async def test_a_refused_second_tap_returns_the_answer_of_the_first(store: Store) -> None:
    """Another process stores the first tap's answer during the second one."""

    def refused() -> None:
        other.start()
        other.join()
        raise Conflict("sold_out")

    def elsewhere() -> None:
        asyncio.run(_write_elsewhere(CommandKey("m:1", lane.verb, "tap")))

    other = threading.Thread(target=elsewhere)
    async with Lane(store) as lane:
        tasks = [lane.send(add, "x"), lane.send(refused, key="tap")]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[1] == "mine"


async def _write_elsewhere(key: CommandKey) -> None:
    second = store_for(installed.obj, threads=1)
    try:
        await second.once(key, lambda: "mine")
    finally:
        await second.close()


async def test_after_commit_is_called_for_committed_commands_only(store: Store) -> None:
    told: list[str] = []

    def verb(name: str, *, fails: bool) -> None:
        after_commit(lambda: told.append(name))
        if fails:
            raise Conflict("no")

    async with Lane(store) as lane:
        tasks = [lane.send(lambda n=n: verb(f"v{n}", fails=n % 2 == 1)) for n in range(4)]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert told == ["v0", "v2"]


async def test_a_connection_killed_in_the_middle_loses_no_command(
    store: Store, admin: Any
) -> None:
    await store.write(add, "a")
    cuts: list[int] = []

    def cutting() -> int:
        if not cuts:
            cuts.append(connection_number())
            kill(admin, cuts[0])
            admin.close()
        return bump("a")

    async with Lane(store) as lane:
        tasks = [lane.send(bump, "a"), lane.send(cutting), lane.send(bump, "a")]
    assert await asyncio.gather(*tasks) == [1, 1, 1]
    assert await store.read(value_of, "a") == 3


@pytest.mark.parametrize("arrives", [True, False])
async def test_after_an_unanswered_commit_each_command_runs_once(
    store: Store, db: Any, admin: Any, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    await store.write(add, "a")
    real, cuts = db.commit, []

    def cut() -> None:
        if len(cuts) != 1:  # the first commit is that of the blocking command
            cuts.append(0)
            return real()
        cuts.append(connection_number())
        if arrives:
            real()
        kill(admin, cuts[1])
        admin.close()
        return real()  # on the dead connection

    async with Lane(store) as lane:
        monkeypatch.setattr(db, "commit", cut)
        tasks = [lane.send(bump, "a") for _ in range(5)]
    assert await asyncio.gather(*tasks) == [1] * 5
    assert await store.read(value_of, "a") == 5


async def test_a_fault_of_the_store_ends_all_waiting_commands(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        monkeypatch.undo()
        raise MemoryError

    async with Lane(store) as lane:
        monkeypatch.setattr(store, "_in_one_transaction", broken)
        tasks = [lane.send(add, f"n{n}") for n in range(MOST_TOGETHER + 1)]
    answers = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE)
    assert [type(answer) for answer in answers] == [MemoryError] * MOST_TOGETHER + [int]
    assert await store.read(names) == [f"n{MOST_TOGETHER}"]


async def test_a_command_whose_caller_was_cancelled_is_still_run(store: Store) -> None:
    async with Lane(store) as lane:
        gone, stays = lane.send(add, "gone"), lane.send(add, "stays")
        await asyncio.sleep(0)
        gone.cancel()
    await stays
    assert await store.read(names) == ["gone", "stays"]


async def test_closing_waits_for_the_lanes(db: Any) -> None:
    own = store_for(db, threads=2)
    async with Lane(own) as lane:
        tasks = [lane.send(add, f"n{n:03d}") for n in range(MOST_TOGETHER * 2)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(own.close())
        await asyncio.sleep(0.05)
    await asyncio.gather(*tasks, closing)
    assert Counter.select().count() == MOST_TOGETHER * 2


async def test_many_lanes_at_once_lose_no_update(store: Store) -> None:
    for number in range(4):
        await store.write(insert_once, Counter, name=f"sku{number}")
    queued = in_lane(lambda name: name)(partial(bump))
    writes = [
        store.once(CommandKey("m:1", "bump", f"{n}"), queued, f"sku{n % 4}") for n in range(400)
    ]
    assert await asyncio.gather(*writes) == [1] * 400
    assert [await store.read(value_of, f"sku{n}") for n in range(4)] == [100] * 4
