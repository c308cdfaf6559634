"""The offset of business time: all processes follow it, and an old read does not undo a move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.runtime import read_clock
from domain.clock_offset import load_offset, move_clock
from kernel import clock
from kernel.errors import Forbidden

TWO_MINUTES = timedelta(minutes=2)


async def test_a_clock_move_takes_effect_with_the_commit(store: Any) -> None:
    await store.write(move_clock, TWO_MINUTES, "test")
    assert clock.offset() == await store.read(load_offset) == TWO_MINUTES
    with pytest.raises(Forbidden, match="clock_fixed"):
        await store.write(move_clock, timedelta(0), "production")
    assert clock.offset() == TWO_MINUTES


async def test_a_rolled_back_move_changes_nothing(store: Any) -> None:
    def move_and_fail() -> None:
        move_clock(TWO_MINUTES, "test")
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await store.write(move_and_fail)
    assert clock.offset() == timedelta(0)


async def test_a_row_read_before_a_move_does_not_undo_it(store: Any) -> None:
    """A process that reads the row before a move and applies it afterwards keeps the move."""

    class Late:
        async def read(self, query: Callable[[], timedelta]) -> timedelta:
            found: timedelta = await store.read(query)
            await store.write(move_clock, TWO_MINUTES, "test")
            return found

    runtime: Any = SimpleNamespace(store=Late(), config=SimpleNamespace(environment="test"))
    await read_clock(runtime)
    assert clock.offset() == TWO_MINUTES
    runtime.store = store
    clock.set_offset(timedelta(0))
    await read_clock(runtime)
    assert clock.offset() == TWO_MINUTES
