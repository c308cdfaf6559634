"""The worker: runs the outbox and the periodic jobs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator

from app.gauges import keep_renewing
from app.runtime import Runtime
from app.wiring import handlers, periodic
from domain.outbox import PeriodicRunner, Worker

log = logging.getLogger(__name__)


class Working:
    """A running worker; tests wait for it with ``settle``."""

    def __init__(self, worker: Worker, runner: PeriodicRunner) -> None:
        self._worker = worker
        self._runner = runner

    async def settle(self, rounds: int = 400) -> None:
        """Run due rows and due jobs until nothing is due or running."""
        for _ in range(rounds):
            ran = await self._worker.drain()
            ran += await self._runner.run_due()
            if not ran and self._worker.is_idle and self._runner.is_idle:
                return
            if not ran:
                await asyncio.sleep(0.01)


async def by_hand(runtime: Runtime) -> Working:
    """A worker that runs only while ``settle`` is awaited."""
    name = f"{socket.gethostname()[:24]}:{os.getpid()}"
    worker = Worker(runtime.store, handlers(runtime), name, runtime.wake)
    runner = PeriodicRunner(runtime.store, periodic(runtime), name)
    await runner.prepare()
    return Working(worker, runner)


@contextlib.asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[Working]:
    """Run the worker in this process for the block."""
    name = f"{socket.gethostname()[:24]}:{os.getpid()}"
    worker = Worker(runtime.store, handlers(runtime), name, runtime.wake)
    runner = PeriodicRunner(runtime.store, periodic(runtime), name)
    tasks = [asyncio.create_task(worker.run()), asyncio.create_task(runner.run())]
    gauges = asyncio.create_task(keep_renewing(runtime), name="gauges")
    log.info("working as %s", name)
    try:
        yield Working(worker, runner)
    finally:
        worker.stop()
        runner.stop()
        gauges.cancel()
        await asyncio.gather(*tasks, gauges, return_exceptions=True)
