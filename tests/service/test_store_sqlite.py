"""Special cases of SQLite: shared transactions, transactions ended by SQLite, the file lock."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from peewee import IntegrityError, OperationalError

from kernel.errors import Conflict
from kernel.metrics import REGISTRY
from kernel.migrate import create_tables
from kernel.store import Store, after_commit, open_database, open_store, savepoint
from kernel.store.sqlite import (
    PRAGMAS,
    READER_CACHE,
    READERS,
    AlreadyRunning,
    ProcessLock,
    SqliteStore,
)
from tests.harness.waiting import PATIENCE
from tests.service.store_tables import Counter, add, bump, names, value_of


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """A SQLite store for this test, whatever DATABASE_URL names."""
    database = open_database(f"sqlite:///{tmp_path}/own.sqlite3")
    create_tables(database, [Counter])
    database.execute_sql(
        "CREATE TRIGGER bomb BEFORE INSERT ON test_counter WHEN NEW.name = 'bomb' "
        "BEGIN SELECT RAISE(ROLLBACK, 'bomb'); END"
    )
    store = SqliteStore(database)  # type: ignore[arg-type]
    yield store
    await store.close()
    database.close()


class Held:
    """Keeps the writer busy, so that verbs queued meanwhile are run in one batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._inside, self._go = threading.Event(), threading.Event()

    async def __aenter__(self) -> Held:
        self._task = asyncio.create_task(self._store.write(self._block))
        await asyncio.to_thread(self._inside.wait, 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)  # lets the queued callers add their jobs
        self._go.set()
        await self._task

    def _block(self) -> None:
        self._inside.set()
        self._go.wait(10)


def _batches() -> tuple[float, float]:
    value = REGISTRY.get_sample_value
    return (
        value("fenmall_store_batch_jobs_count") or 0.0,
        value("fenmall_store_batch_jobs_sum") or 0.0,
    )


async def test_verbs_that_wait_together_share_one_transaction(own: SqliteStore) -> None:
    async with Held(own):
        before = _batches()
        tasks = [asyncio.create_task(own.write(add, f"n{n}")) for n in range(40)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    count, jobs = _batches()
    assert jobs - before[1] == 41  # including the verb that kept the writer busy
    assert count - before[0] <= 4  # batches end only by their limit of 20 ms
    assert await own.read(names) == [f"n{n}" for n in range(40)]


async def test_a_failing_verb_undoes_only_itself_within_its_batch(own: SqliteStore) -> None:
    def failing() -> None:
        add("half")
        raise Conflict("no")

    async with Held(own):
        tasks = [
            asyncio.create_task(own.write(add, "before")),
            asyncio.create_task(own.write(failing)),
            asyncio.create_task(
                own.write(add, "before")
            ),  # fails as well, because names are unique
            asyncio.create_task(own.write(add, "after")),
        ]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[1], Conflict)
    assert isinstance(answers[2], IntegrityError)
    assert await own.read(names) == ["before", "after"]


async def test_after_sqlite_ended_the_transaction_each_verb_runs_again_alone(
    own: SqliteStore,
) -> None:
    async with Held(own):
        tasks = [asyncio.create_task(own.write(add, name)) for name in ("before", "bomb", "after")]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[1], IntegrityError)
    assert await own.read(names) == ["before", "after"]


async def test_a_verb_that_catches_the_end_of_its_transaction_stores_nothing(
    own: SqliteStore,
) -> None:
    def swallowing() -> None:
        add("lost")
        try:
            add("bomb")
        except IntegrityError:
            add("outside any transaction")

    with pytest.raises(OperationalError, match="ended the transaction"):
        await own.write(swallowing)
    assert await own.read(names) == []

    def swallowing_in_a_savepoint() -> None:
        add("lost")
        try:
            with savepoint():
                add("bomb")
        except (IntegrityError, OperationalError):
            with savepoint():
                add("outside any transaction")

    with pytest.raises(OperationalError, match="ended the transaction"):
        await own.write(swallowing_in_a_savepoint)
    assert await own.read(names) == []


async def test_after_a_failed_commit_each_verb_runs_again_alone(
    own: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures, hints = own._db.commit, [OperationalError("disk I/O error")], []

    def commit() -> None:
        if failures:
            raise failures.pop()
        real()

    def verb(name: str) -> int:
        after_commit(lambda: hints.append(name))
        return add(name)

    async with Held(own):
        tasks = [asyncio.create_task(own.write(verb, f"n{n}")) for n in range(3)]
        await asyncio.sleep(0)
        monkeypatch.setattr(own._db, "commit", commit)
    await asyncio.gather(*tasks)
    assert await own.read(names) == ["n0", "n1", "n2"]
    assert hints == ["n0", "n1", "n2"]


async def test_a_commit_that_always_fails_raises_for_the_verb(
    own: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:

        def commit() -> None:
            raise OperationalError("database or disk is full")

        broken.setattr(own._db, "commit", commit)
        with pytest.raises(OperationalError, match="full"):
            await own.write(add, "x")
    assert await own.read(names) == []
    await own.write(add, "y")
    assert await own.read(names) == ["y"]


async def test_the_writer_survives_a_broken_connection(own: SqliteStore) -> None:
    def break_it() -> None:
        add("x")
        own._db.connection().close()

    with pytest.raises(Exception, match="closed"):
        await own.write(break_it)
    await own.write(add, "y")
    assert await own.read(names) == ["y"]


async def test_more_jobs_than_a_batch_holds(own: SqliteStore) -> None:
    await own.write(add, "n")
    await asyncio.gather(*(own.write(bump, "n") for _ in range(300)))
    assert await own.read(value_of, "n") == 300


async def test_readers_do_not_wait_for_the_writer(own: SqliteStore) -> None:
    await own.write(add, "a")
    async with Held(own):
        assert await asyncio.wait_for(own.read(names), PATIENCE) == ["a"]


async def test_the_lock_admits_one_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.sqlite3"
    first = open_store(url)
    try:
        with pytest.raises(AlreadyRunning):
            open_store(url)
        assert _take_elsewhere(tmp_path) == "refused"
    finally:
        await first.close()
    assert _take_elsewhere(tmp_path) == "taken"
    lock = ProcessLock(tmp_path / "one.sqlite3.lock")
    lock.take()
    lock.release()
    lock.release()  # releasing twice is allowed


def _take_elsewhere(folder: Path) -> str:
    program = (
        "import sys; from pathlib import Path; from kernel.store.sqlite import *\n"
        "try: ProcessLock(Path(sys.argv[1])).take(); print('taken')\n"
        "except AlreadyRunning: print('refused')"
    )
    path = str(folder / "one.sqlite3.lock")
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, "-c", program, path],
        capture_output=True, text=True, check=True, env=env,
    )  # fmt: skip
    return ended.stdout.strip()


@pytest.mark.durable
def test_durable_settings(tmp_path: Path) -> None:
    database: Any = open_database(f"sqlite:///{tmp_path}/settings.sqlite3")
    try:
        found = {
            name: database.execute_sql(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    finally:
        database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_reader_keeps_few_pages_and_can_write_nothing(own: SqliteStore) -> None:
    """Each connection has a cache of its own: together they stay small beside the process."""

    def cache(database: Any) -> int:
        return int(database.execute_sql("PRAGMA cache_size").fetchone()[0])

    database = own._db
    assert await own.read(cache, database) == READER_CACHE
    assert await own.write(cache, database) == PRAGMAS["cache_size"]
    with pytest.raises(OperationalError, match="readonly"):
        await own.read(database.execute_sql, "DELETE FROM test_counter")
    kept = READERS * -READER_CACHE + 2 * -int(PRAGMAS["cache_size"])
    assert kept <= 24_000  # KiB, with the writer's and the event loop's
