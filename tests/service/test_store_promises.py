"""The guarantees of the store, on the database under test."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from peewee import IntegrityError, OperationalError

from kernel import clock, context
from kernel.errors import Conflict, Invalid
from kernel.migrate import create_tables
from kernel.store import (
    CommandKey,
    Store,
    StoreClosed,
    after_commit,
    insert_once,
    lock_row,
    lock_rows,
    savepoint,
    store_for,
    when_committed,
)
from kernel.store.commands import CommandResult, forget_old_commands
from tests.conftest import SOMEBODY
from tests.service.store_tables import Counter, add, bump, engine, names, value_of


@pytest.fixture(autouse=True)
def _counters(db: Any) -> Iterator[None]:
    db.drop_tables([Counter])
    create_tables(db, [Counter])
    yield
    db.drop_tables([Counter])


async def test_a_verb_is_one_transaction(store: Store) -> None:
    def half_done() -> None:
        add("first")
        raise Conflict("changed_my_mind")

    with pytest.raises(Conflict, match="changed_my_mind"):
        await store.write(half_done)
    assert await store.read(names) == []


async def test_a_verb_returns_after_its_commit(store: Store, db: Any) -> None:
    await store.write(add, "a", 7)
    assert value_of("a") == 7  # read by this thread's own connection


async def test_a_failed_savepoint_rolls_back_only_itself(store: Store) -> None:
    def verb() -> None:
        add("kept")
        with contextlib.suppress(IntegrityError), savepoint():
            add("undone")
            add("kept")
        add("after")

    await store.write(verb)
    assert await store.read(names) == ["kept", "after"]


async def test_of_fifty_concurrent_verbs_only_the_failing_ones_are_rolled_back(
    store: Store,
) -> None:
    await store.write(add, "shared")

    def even_only(number: int) -> int:
        bump("shared")
        if number % 2:
            raise Conflict("odd", number=number)
        return number

    answers = await asyncio.gather(
        *(store.write(even_only, n) for n in range(50)), return_exceptions=True
    )
    assert [a for a in answers if isinstance(a, int)] == list(range(0, 50, 2))
    assert sum(isinstance(a, Conflict) for a in answers) == 25
    assert await store.read(value_of, "shared") == 25


async def test_cancelling_a_caller_does_not_interrupt_its_transaction(store: Store) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        add("begun")
        inside.set()
        go_on.wait(10)
        add("ended")

    caller = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(inside.wait, 10)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await store.write(add, "later")
    for _ in range(200):
        if len(await store.read(names)) == 3:
            break
        await asyncio.sleep(0.01)
    assert sorted(await store.read(names)) == ["begun", "ended", "later"]


async def test_a_verb_of_a_caller_cancelled_in_the_queue_still_runs(store: Store) -> None:
    callers = [asyncio.create_task(store.write(add, f"n{n}")) for n in range(30)]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    ended = await asyncio.gather(*callers, return_exceptions=True)
    assert sum(isinstance(e, asyncio.CancelledError) for e in ended) == 15
    await store.close()
    assert sorted(names()) == sorted(f"n{n}" for n in range(30))


async def test_close_finishes_queued_verbs_and_then_refuses(store: Store) -> None:
    waiting = [asyncio.create_task(store.write(add, f"n{n}")) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    assert len(names()) == 20
    with pytest.raises(StoreClosed):
        await store.write(add, "late")
    with pytest.raises(StoreClosed):
        await store.read(names)
    await store.close()  # closing twice is allowed
    assert len(names()) == 20


async def test_context_variables_travel_into_the_threads(store: Store) -> None:
    def who() -> tuple[str, str]:
        return context.request_id.get(), context.actor.get()

    async def as_person(name: str) -> None:
        context.request_id.set(f"r-{name}")
        context.actor.set(name)
        assert await store.write(who) == (f"r-{name}", name)
        assert await store.read(who) == (f"r-{name}", name)

    await asyncio.gather(*(asyncio.create_task(as_person(f"p{n}")) for n in range(8)))
    assert await store.write(who) == ("-", SOMEBODY)


async def test_a_context_variable_set_in_a_verb_does_not_leak(store: Store) -> None:
    await store.write(context.actor.set, "somebody")
    assert await store.write(context.actor.get) == SOMEBODY
    assert context.actor.get() == SOMEBODY


async def test_after_commit_runs_once_and_only_when_committed(store: Store) -> None:
    called: list[str] = []

    def note() -> None:
        called.append("note")

    def verb(*, fail: bool) -> None:
        after_commit(note)
        after_commit(note)
        if fail:
            raise Conflict("no")

    with pytest.raises(Conflict):
        await store.write(verb, fail=True)
    assert called == []
    await store.write(verb, fail=False)
    assert called == ["note"]
    await store.write(add, "x")
    assert called == ["note"]
    verb(fail=False)  # outside of a transaction it is not called
    assert called == ["note"]


async def test_a_failing_after_commit_does_not_fail_the_verb(store: Store) -> None:
    def boom() -> None:
        raise RuntimeError("lost hint")

    def verb() -> str:
        after_commit(boom)
        add("x")
        return "fine"

    assert await store.write(verb) == "fine"
    assert await store.read(names) == ["x"]


async def test_insert_once_reports_only_taken_keys(store: Store) -> None:
    def verb() -> list[bool]:
        return [insert_once(Counter, name="a"), insert_once(Counter, name="a")]

    assert await store.write(verb) == [True, False]
    with pytest.raises(IntegrityError):
        await store.write(insert_once, Counter, name=None)
    assert await store.read(names) == ["a"]


async def test_lock_rows_come_in_key_order_and_may_be_missing(store: Store) -> None:
    def verb() -> tuple[list[str], Any]:
        ids = [add("a"), add("b"), add("c")]
        rows = lock_rows(Counter, [ids[2], ids[0], ids[2], 10**12])
        assert lock_row(Counter, ids[1]).name == "b"
        return [row.name for row in rows], lock_row(Counter, 10**12)

    assert await store.write(verb) == (["a", "c"], None)


async def test_a_locked_row_is_read_as_by_a_query(store: Store) -> None:
    def verb() -> None:
        full = {"value": 7, "note": "壹", "data": {"a": [1, None]}, "at": clock.now()}
        for values in ({"name": "a", **full}, {"name": "b"}):
            row_id = Counter.insert(**values).execute()
            row, same = lock_row(Counter, row_id), Counter.get_by_id(row_id)
            assert row is not None
            assert row == same
            assert row.__data__ == same.__data__
            assert row._dirty == same._dirty
            row.value += 1
            assert row.save() == 1
            assert value_of(row.name) == same.value + 1

    await store.write(verb)


async def test_what_is_read_is_kept_once_it_is_committed(store: Store) -> None:
    kept: list[str] = []

    def verb(text: str, *, is_refused: bool = False) -> list[str]:
        when_committed(partial(kept.append, text))
        if is_refused:
            raise Conflict("changed_my_mind")
        return list(kept)

    assert await store.read(verb, "by a query") == ["by a query"]
    with pytest.raises(Conflict):
        await store.write(verb, "rolled back", is_refused=True)
    assert await store.write(verb, "by a verb") == ["by a query"]
    assert kept == ["by a query", "by a verb"]


async def test_lock_row_makes_others_wait(store: Store) -> None:
    row_id = await store.write(add, "a", 0)
    overlap: list[int] = []

    def read_then_write() -> None:
        row = lock_row(Counter, row_id)
        assert row is not None
        overlap.append(row.value)
        Counter.update(value=row.value + 1).where(Counter.id == row_id).execute()

    await asyncio.gather(*(store.write(read_then_write) for _ in range(20)))
    assert sorted(overlap) == list(range(20))
    assert await store.read(value_of, "a") == 20


# --- the same on every engine -------------------------------------------------------------------


async def test_openids_that_differ_by_case_are_two_rows(store: Store) -> None:
    await store.write(add, "oAbCdEf", 1)
    await store.write(add, "oabcdef", 2)
    assert await store.read(value_of, "oAbCdEf") == 1
    assert await store.read(value_of, "oabcdef") == 2
    assert await store.read(value_of, "OABCDEF") is None


async def test_different_emoji_are_different(store: Store) -> None:
    await store.write(add, "😀", 1)
    await store.write(add, "😃", 2)
    assert (await store.read(value_of, "😀"), await store.read(value_of, "😃")) == (1, 2)
    assert await store.read(names) == ["😀", "😃"]


async def test_an_update_to_the_same_value_counts_one(store: Store) -> None:
    await store.write(add, "a", 5)

    def same() -> int:
        return Counter.update(value=5).where(Counter.name == "a").execute()

    assert await store.write(same) == 1


async def test_a_conditional_update_that_misses_counts_none(store: Store) -> None:
    await store.write(add, "a", 5)

    def miss() -> int:
        return Counter.update(value=6).where((Counter.name == "a") & (Counter.value > 5)).execute()

    assert await store.write(miss) == 0
    assert await store.read(value_of, "a") == 5


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=clock.SHANGHAI),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
async def test_instants_read_back_equal(store: Store, instant: datetime) -> None:
    def verb() -> None:
        Counter.insert(name="t", at=instant).execute()

    def query() -> tuple[Any, int]:
        at = Counter.get(Counter.name == "t").at
        found = Counter.select().where((Counter.at >= instant) & (Counter.at < instant + tick))
        return at, found.count()

    tick = timedelta(0) if instant.year == 9999 else timedelta(microseconds=1)
    await store.write(verb)
    at, found = await store.read(query)
    assert at == instant
    assert at.utcoffset() == timedelta(0)
    assert found == (0 if instant.year == 9999 else 1)


async def test_a_naive_instant_is_refused(store: Store) -> None:
    def verb() -> None:
        Counter.insert(name="t", at=datetime(2026, 1, 1)).execute()  # noqa: DTZ001

    with pytest.raises(ValueError, match="naive"):
        await store.write(verb)
    assert await store.read(names) == []


async def test_json_reads_back_equal_and_is_stored_in_one_way(store: Store) -> None:
    value = {"b": [1, None, True], "a": {"名": "😀", "x": "'\"\\%s"}, "n": 2**60}

    def verb() -> None:
        Counter.insert(name="j", data=value).execute()

    def query() -> Any:
        return Counter.get(Counter.name == "j").data

    await store.write(verb)
    assert await store.read(query) == value


async def test_text_keeps_trailing_spaces_and_case(store: Store) -> None:
    text = "Ａ a  \n\t结尾 "

    def verb() -> None:
        Counter.insert(name="n", note=text).execute()

    await store.write(verb)
    assert await store.read(lambda: Counter.get(Counter.name == "n").note) == text


async def test_a_query_cannot_write_on_sqlite(store: Store) -> None:
    if engine() != "sqlite":
        pytest.skip("only SQLite's readers are set read-only")
    with pytest.raises(OperationalError, match="readonly"):
        await store.read(add, "sneaky")
    assert await store.read(names) == []


# --- idempotent commands ------------------------------------------------------------------------


def _key(key: str = "k1", body: Any = None) -> CommandKey:
    return CommandKey(actor="m:1", verb="add", key=key, body=body)


async def test_a_repeated_command_runs_once_and_returns_the_same_answer(store: Store) -> None:
    def verb() -> dict[str, Any]:
        add("once")
        return {"pair": (1, 2), "name": "一"}

    first = await store.once(_key(body={"a": 1}), verb)
    second = await store.once(_key(body={"a": 1}), verb)
    assert first == second == {"pair": [1, 2], "name": "一"}
    assert await store.read(names) == ["once"]


async def test_a_command_that_returns_none_runs_once(store: Store) -> None:
    def verb() -> None:
        bump("n")

    await store.write(add, "n")
    assert await store.once(_key(), verb) is None
    assert await store.once(_key(), verb) is None
    assert await store.read(value_of, "n") == 1


async def test_the_same_key_with_another_body_is_refused_with_the_first_answer(
    store: Store,
) -> None:
    await store.once(_key(body={"name": "first"}), add, "first")
    before = await store.read(names)
    with pytest.raises(Conflict) as refused:
        await store.once(_key(body={"name": "second"}), add, "second")
    assert refused.value.code == "command_reused"
    assert isinstance(refused.value.facts["first"], int)
    assert await store.read(names) == before == ["first"]


async def test_the_key_of_a_failed_command_can_be_used_again(store: Store) -> None:
    def failing() -> None:
        add("x")
        raise Conflict("sold_out")

    with pytest.raises(Conflict, match="sold_out"):
        await store.once(_key(), failing)
    assert await store.read(CommandResult.select().count) == 0
    await store.once(_key(), add, "x")
    assert await store.read(names) == ["x"]


async def test_two_concurrent_commands_with_one_key_run_once(store: Store) -> None:
    await store.write(add, "n")

    def verb() -> int:
        bump("n")
        return value_of("n") or 0

    answers = await asyncio.gather(*(store.once(_key(), verb) for _ in range(8)))
    assert answers == [1] * 8
    assert await store.read(value_of, "n") == 1


async def test_keys_are_separate_by_actor_and_verb(store: Store) -> None:
    keys = [
        CommandKey("m:1", "add", "k"),
        CommandKey("m:2", "add", "k"),
        CommandKey("m:1", "drop", "k"),
    ]
    for number, key in enumerate(keys):
        await store.once(key, add, f"n{number}")
    assert await store.read(names) == ["n0", "n1", "n2"]


@pytest.mark.parametrize("key", ["", "x" * 65, "line\nbreak"])
def test_an_invalid_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match="command_key_bad"):
        CommandKey("m:1", "add", key)


async def test_commands_are_deleted_after_seven_days(store: Store) -> None:
    await store.once(_key("old"), add, "old")
    clock.set_offset(timedelta(days=7, seconds=-5))
    await store.once(_key("new"), add, "new")
    assert await store.write(forget_old_commands) == 0
    clock.set_offset(timedelta(days=7, seconds=5))
    assert await store.write(forget_old_commands) == 1
    left = await store.read(lambda: [row.key for row in CommandResult.select()])
    assert left == ["new"]


async def test_two_stores_on_one_database_see_each_other(store: Store, db: Any) -> None:
    if engine() == "sqlite":
        pytest.skip("one process, one store on SQLite")
    other = store_for(db)
    try:
        await store.write(add, "n")
        await asyncio.gather(*(s.write(bump, "n") for s in (store, other) for _ in range(10)))
        assert await other.read(value_of, "n") == 20
    finally:
        await other.close()
