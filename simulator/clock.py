"""The simulator's clock (real time plus an offset that can be moved) and scheduled work."""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable

from simulator.world import Due, World

logger = logging.getLogger(__name__)
CHINA = dt.timezone(dt.timedelta(hours=8))
DAY_S = 86_400
Handler = Callable[[str], Awaitable[None]]


class Clock:
    """Real time plus the world's offset in seconds."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> float:
        """Now in Unix seconds."""
        return time.time() + self.world.clock_offset_s

    def china(self) -> dt.datetime:
        """Now in Shanghai time, in which WeChat's days and bills are cut."""
        return china(self.now())

    def day(self) -> str:
        return self.china().strftime("%Y-%m-%d")

    def month(self) -> str:
        return self.china().strftime("%Y-%m")


def china(at: float) -> dt.datetime:
    """An instant in Shanghai time."""
    return dt.datetime.fromtimestamp(at, CHINA)


def iso(at: float) -> str:
    """An instant in UTC, for the answers of `/_sim`."""
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds")


def rfc3339(at: float) -> str:
    """An instant in Shanghai time to the second, as Pay v3 writes it."""
    return china(at).isoformat(timespec="seconds")


class Scheduler:
    """Runs scheduled work at its instant of the simulated clock, in order of time."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self._handlers: dict[str, Handler] = {}
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def on(self, kind: str, handler: Handler) -> None:
        """Register the handler of a kind of work."""
        self._handlers[kind] = handler

    def at(self, at: float, kind: str, ref: str) -> None:
        """Schedule work of a kind, about `ref`, at an instant."""
        bisect.insort(self.world.dues, Due(self.world.next_id(), at, kind, ref), key=_by_time)
        self._wake.set()

    def cancel(self, kind: str, ref: str) -> None:
        """Remove scheduled work that is no longer needed."""
        self.world.dues[:] = [d for d in self.world.dues if (d.kind, d.ref) != (kind, ref)]

    async def fire(self) -> int:
        """Run all work that is due now; returns how many pieces were run."""
        count = 0
        async with self._lock:
            while self.world.dues and self.world.dues[0].at <= self.clock.now():
                due = self.world.dues.pop(0)
                count += 1
                await self._handlers[due.kind](due.ref)
        return count

    def start(self) -> None:
        """Run in the background until stopped."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            wait_s = 1.0
            if self.world.dues:
                wait_s = min(1.0, max(0.0, self.world.dues[0].at - self.clock.now()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)
            try:
                await self.fire()
            except Exception:  # one broken handler must not stop the others
                logger.exception("due work failed")


def _by_time(due: Due) -> float:
    return due.at
