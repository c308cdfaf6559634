"""The `Sim`: one running WeChat; every module with routes gets it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from simulator import snapshot
from simulator.clock import Clock, Scheduler
from simulator.crypto import Envelope, PayKeys
from simulator.files import Files
from simulator.holds import Holds
from simulator.hub import Hub
from simulator.settings import Settings
from simulator.world import World

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Sim:
    """Settings, world, clock, scheduled work, live events, and the HTTP client to the shop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.world = self._first_world()
        self.clock = Clock(self.world)
        self.scheduler = Scheduler(self.world, self.clock)
        self.hub = Hub()
        self.holds = Holds()
        self.keys = PayKeys(settings)
        self.files = Files(Path(settings.state_file + ".media") if settings.state_file else None)
        self.session: aiohttp.ClientSession | None = None
        self.base_url = settings.public_url.rstrip("/")
        self.calls: set[asyncio.Task[Any]] = set()  # calls from the shop that a fault affects
        self.tasks: dict[asyncio.Task[Any], str] = {}
        self.bills: dict[str, bytes] = {}  # download token → file
        self.held: dict[str, list[Coroutine[Any, Any, Any]]] = {}
        self._saver: asyncio.Task[None] | None = None
        self._saved = ""

    # --- life
    async def start(self) -> None:
        """Open the HTTP client and start the scheduled work."""
        self.session = aiohttp.ClientSession()
        self.scheduler.start()
        if self.settings.state_file:
            self._saver = asyncio.get_running_loop().create_task(self._save_forever())

    async def stop(self) -> None:
        """Stop everything; the world is kept."""
        self.hub.close()
        await self.scheduler.stop()
        under_way = [*self.tasks, *self.calls]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for held in self.held.values():
            for send in held:
                send.close()
        if self._saver:
            self._saver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._saver
        self.save()
        if self.session:
            await self.session.close()

    def save(self) -> None:
        """Write the world if it has changed and there is a state file."""
        if not self.settings.state_file:
            return
        text = snapshot.dump(self.world)
        if text != self._saved:
            snapshot.write(Path(self.settings.state_file), text)
            self._saved = text

    async def _save_forever(self) -> None:
        while True:
            started = time.monotonic()
            try:
                self.save()
            except OSError:
                logger.exception("the world could not be written")
            # a large world is written less often: writing takes at most 5 % of the time
            await asyncio.sleep(max(1.0, 20 * (time.monotonic() - started)))

    def _first_world(self) -> World:
        path = Path(self.settings.state_file) if self.settings.state_file else None
        if path and path.exists():
            world = snapshot.load(path.read_text("utf-8"))
            world.mode = world.notify_by = world.key_phase = ""  # as the settings say
            return world
        return World(fund_fen=self.settings.initial_fund_fen)

    # --- background work
    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run in the background; the task is kept until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks[task] = name
        task.add_done_callback(self._done)
        return task

    async def outlive(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call from the shop to its end, even if the shop hangs up meanwhile."""
        task = asyncio.get_running_loop().create_task(call)
        self.calls.add(task)
        task.add_done_callback(self.calls.discard)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            logger.error("background work failed", exc_info=error)

    def pending(self, within_s: float) -> list[str]:
        """The names of work that is running or due within that many seconds."""
        soon = self.clock.now() + within_s
        dues = [f"{due.kind} {due.ref}" for due in self.world.dues if due.at <= soon]
        return [*self.tasks.values(), *dues]

    async def idle(self, timeout_s: float) -> list[str]:
        """Wait until no work is running; returns the names of what still runs at the end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while left := self.pending(max(0.0, deadline - loop.time())):
            if loop.time() >= deadline:
                return left
            await asyncio.sleep(0.005)
        return []

    # --- small helpers
    @property
    def envelope(self) -> Envelope:
        return Envelope(self.settings.token, self.settings.encoding_aes_key, self.settings.appid)

    @staticmethod
    def exactly(seconds: float) -> aiohttp.ClientTimeout:
        """An exact time limit; aiohttp rounds a plain one up to whole seconds from 5 s on."""
        return aiohttp.ClientTimeout(total=seconds, ceil_threshold=math.inf)

    def scaled(self, seconds: float) -> float:
        """A delay of WeChat's in seconds, multiplied by the time scale."""
        return seconds * self.settings.time_scale

    def own_url(self, path: str) -> str:
        """The full URL of a path on this simulator."""
        return f"{self.base_url}{path}"


SIM = web.AppKey("sim", Sim)
