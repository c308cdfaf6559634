"""PostgreSQL and MariaDB: deadlocks, killed connections, unanswered COMMITs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from peewee import IntegrityError, OperationalError

from kernel.errors import Conflict, Retryable, Unknown
from kernel.metrics import REGISTRY
from kernel.store import CommandKey, Store, insert_once, open_database, savepoint
from kernel.store import database as installed
from kernel.store.pooled import drop_connection
from tests.service.store_tables import (
    Counter,
    add,
    bump,
    connection_number,
    engine,
    kill,
    names,
    on_a_server,
    value_of,
)

KEY = CommandKey("m:1", "bump", "k1")


@pytest.fixture(autouse=True)
def admin(db: Any, database_url: str) -> Iterator[Any]:
    """A second connection that can kill the first."""
    yield from on_a_server(db, database_url)


def _retries(cause: str) -> float:
    return REGISTRY.get_sample_value("fenmall_store_retries_total", {"cause": cause}) or 0.0


async def _cross(store: Store, *, in_savepoint: bool) -> list[Any]:
    """Run two verbs that lock two rows in opposite order at the same time."""
    await store.write(add, "a")
    await store.write(add, "b")
    both_hold_one = threading.Barrier(2)
    runs: list[str] = []

    def verb(first: str, second: str) -> str:
        runs.append(first)
        bump(first)
        if len(runs) <= 2:
            both_hold_one.wait(10)
        if in_savepoint:
            with savepoint():
                bump(second)
        else:
            bump(second)
        return first

    answers = await asyncio.gather(store.write(verb, "a", "b"), store.write(verb, "b", "a"))
    return [answers, len(runs)]


@pytest.mark.parametrize("in_savepoint", [False, True])
async def test_a_deadlock_runs_one_of_the_two_again(store: Store, in_savepoint: bool) -> None:
    before = _retries("deadlock")
    answers, runs = await _cross(store, in_savepoint=in_savepoint)
    assert answers == ["a", "b"]
    again = runs - 2  # 1, or 2 if the verb locked its row again before the other one woke up
    assert again in {1, 2}
    assert _retries("deadlock") == before + again
    assert (await store.read(value_of, "a"), await store.read(value_of, "b")) == (2, 2)


async def test_after_three_tries_the_caller_gets_retryable(store: Store) -> None:
    runs: list[int] = []

    def always_locked() -> None:
        runs.append(1)
        add("x")
        code = "55P03" if engine() == "postgresql" else None
        if code:
            installed.execute_sql(
                f"DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE='{code}'; END $$"
            )
        installed.execute_sql("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205")

    with pytest.raises(Retryable, match="database_busy"):
        await store.write(always_locked)
    assert len(runs) == 3
    assert await store.read(names) == []


async def test_other_errors_are_not_retried(store: Store) -> None:
    runs: list[int] = []

    def twice_the_same() -> None:
        runs.append(1)
        add("a")
        add("a")

    with pytest.raises(IntegrityError):
        await store.write(twice_the_same)
    assert len(runs) == 1
    assert await store.read(names) == []


async def test_a_connection_killed_before_commit_runs_the_verb_again(
    store: Store, admin: Any
) -> None:
    runs: list[int] = []

    def verb() -> None:
        runs.append(connection_number())
        add("a")
        if len(runs) == 1:
            kill(admin, runs[0])
            admin.close()
        bump("a")

    await store.write(verb)
    assert len(runs) == 2
    assert runs[0] != runs[1]
    assert await store.read(value_of, "a") == 1


async def test_connections_killed_while_idle_are_replaced(store: Store, admin: Any) -> None:
    await store.write(add, "a")
    for number in {await store.read(connection_number) for _ in range(20)}:
        kill(admin, number)
    assert await asyncio.gather(*(store.read(value_of, "a") for _ in range(10))) == [0] * 10
    await asyncio.gather(*(store.write(bump, "a") for _ in range(10)))
    assert await store.read(value_of, "a") == 10


class _Cut:
    """Cut the connection at the first COMMIT, before its arrival or before its answer."""

    def __init__(self, db: Any, admin: Any, *, arrives: bool) -> None:
        self._real: Callable[[], None] = db.commit
        self._admin = admin
        self._arrives = arrives
        self.cuts = 1

    def __call__(self) -> None:
        if not self.cuts:
            return self._real()
        self.cuts -= 1
        number = connection_number()
        if self._arrives:
            self._real()
        kill(self._admin, number)
        self._admin.close()
        return self._real()  # on the dead connection


async def test_an_unanswered_commit_without_a_key_is_unknown(
    store: Store, db: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(add, "a")
    monkeypatch.setattr(db, "commit", _Cut(db, admin, arrives=True))
    with pytest.raises(Unknown, match="commit_unknown"):
        await store.write(bump, "a")
    assert await store.read(value_of, "a") == 1


async def test_a_commit_that_arrived_is_found_by_its_key(
    store: Store, db: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []

    def verb() -> int:
        runs.append(1)
        return bump("a")

    await store.write(add, "a")
    monkeypatch.setattr(db, "commit", _Cut(db, admin, arrives=True))
    assert await store.once(KEY, verb) == 1
    assert len(runs) == 1
    assert await store.read(value_of, "a") == 1


async def test_a_commit_that_did_not_arrive_runs_the_command_again(
    store: Store, db: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []

    def verb() -> int:
        runs.append(1)
        return bump("a")

    await store.write(add, "a")
    monkeypatch.setattr(db, "commit", _Cut(db, admin, arrives=False))
    assert await store.once(KEY, verb) == 1
    assert len(runs) == 2
    assert await store.read(value_of, "a") == 1


async def test_a_verb_may_go_on_after_insert_once_missed(store: Store) -> None:
    def verb() -> list[bool]:
        answers = [insert_once(Counter, name="a"), insert_once(Counter, name="a")]
        add("b")
        return answers

    assert await store.write(verb) == [True, False]
    assert await store.read(names) == ["a", "b"]


async def test_all_verbs_that_wait_at_insert_once_may_change_the_row(store: Store) -> None:
    """The first verb holds its row until the others wait for it; then all change it."""
    before, came, all_there = _retries("deadlock"), [], threading.Event()

    def verb() -> bool:
        came.append(1)
        if len(came) == 4:
            all_there.set()
        made = insert_once(Counter, name="met", value=0)
        if made:
            all_there.wait(10)
            time.sleep(0.3)  # the others have begun and wait for the row now
        Counter.update(value=Counter.value + 1).where(Counter.name == "met").execute()
        return made

    made = await asyncio.gather(*(store.write(verb) for _ in range(4)))
    assert made.count(True) == 1
    assert await store.read(value_of, "met") == 4
    assert _retries("deadlock") == before


async def test_a_domain_error_leaves_the_connection_clean(store: Store) -> None:
    def failing() -> None:
        add("a")
        raise Conflict("no")

    for _ in range(20):
        with pytest.raises(Conflict):
            await store.write(failing)
    await store.write(add, "a")
    assert await store.read(names) == ["a"]


async def test_read_committed_and_utc(store: Store) -> None:
    def settings() -> list[str]:
        if engine() == "postgresql":
            asked = ["SHOW transaction_isolation", "SHOW timezone"]
        else:
            asked = ["SELECT @@tx_isolation", "SELECT @@time_zone"]
        return [str(installed.execute_sql(sql).fetchone()[0]) for sql in asked]

    isolation, zone = await store.write(settings)
    assert isolation.lower().replace("-", " ") == "read committed"
    assert zone in ("UTC", "+00:00")


def test_dropping_a_dead_connection_never_fails(db: Any, admin: Any) -> None:
    db.begin()
    db.push_transaction(object())
    kill(admin, connection_number())
    drop_connection(db)
    assert db.is_closed()
    assert value_of("nobody") is None
    with pytest.raises(OperationalError):
        open_database("postgresql://nobody@127.0.0.1:1/x").connect()
    installed.initialize(db)
