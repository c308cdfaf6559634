"""Waiting for a task until a deadline."""

from __future__ import annotations

import asyncio

from kernel.deadlines import is_done_within

LONG = 30.0


async def test_a_task_that_ends_in_time_is_done() -> None:
    task = asyncio.create_task(asyncio.sleep(0, "result"))
    assert await is_done_within(task, LONG) is True
    assert task.result() == "result"
    assert await is_done_within(task, -1.0) is True, "it was done before"


async def test_a_task_that_takes_longer_goes_on() -> None:
    gate = asyncio.Event()
    task = asyncio.create_task(gate.wait())
    assert await is_done_within(task, 0.01) is False
    assert await is_done_within(task, -1.0) is False
    gate.set()
    assert await is_done_within(task, LONG) is True


async def test_a_task_that_fails_is_done_and_its_error_is_left_in_it() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    task = asyncio.create_task(fail())
    assert await is_done_within(task, LONG) is True
    assert isinstance(task.exception(), ZeroDivisionError)


async def test_who_gives_up_waiting_leaves_the_task_alone() -> None:
    gate = asyncio.Event()
    task = asyncio.create_task(gate.wait())
    waiting = asyncio.create_task(is_done_within(task, LONG))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    gate.set()
    assert await task is True
