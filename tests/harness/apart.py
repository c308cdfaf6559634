"""The shop as separate processes (web, worker, simulator) that a test may kill.

``open_apart`` yields a ``World`` whose store is the test's own connection to the same database, so
that all helpers that act as people work here too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from app.wiring import subscribe_all
from domain.clock_offset import load_offset
from kernel import clock, crypto
from kernel.config import parse
from kernel.store import database, open_database, open_store, store_for
from models import OutboxRow, PeriodicJob
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.databases import fresh
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, Process, app, ours
from tests.harness.world import World, account_templates, environment_for

REST_SECONDS = 30.0
SEED_SECONDS = 120.0


@dataclass
class Apart:
    """The processes of one shop; on SQLite the web process runs the worker too."""

    web: Process
    worker: Process | None
    simulator: Process
    web_url: str
    worker_url: str

    def kill_web(self) -> None:
        """Kill the web process with SIGKILL."""
        self.web.kill()

    async def start_web(self) -> None:
        """Start the web process again."""
        self.web.start()
        await asyncio.to_thread(self.web.ready, f"{self.web_url}/readyz")

    def kill_worker(self) -> None:
        """Kill the worker with SIGKILL."""
        assert self.worker is not None
        self.worker.kill()

    async def start_worker(self) -> None:
        """Start the worker again."""
        assert self.worker is not None
        self.worker.start()
        await asyncio.to_thread(self.worker.ready, f"{self.worker_url}/metrics")

    def stop(self) -> None:
        """Stop all processes."""
        for process in (self.worker, self.web, self.simulator):
            if process is not None:
                process.go_on()
                process.kill()


class _FarWorker:
    """``settle`` for a worker that runs in another process."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def settle(self) -> None:
        """Wait until nothing is due; first 1.1 s, in which every process reads the moved clock."""
        await asyncio.sleep(1.1)
        until = time.monotonic() + REST_SECONDS
        while time.monotonic() < until:
            clock.set_offset(await self._store.read(load_offset))
            if not await self._store.read(_waiting):
                return
            await asyncio.sleep(0.1)


def _waiting() -> int:
    """The number of outbox rows and jobs that are due, without jobs under lease."""
    now = clock.now()
    due = (OutboxRow.state == "due") & (OutboxRow.next_at <= now)
    rows = OutboxRow.select().where(due).count()
    jobs = PeriodicJob.select().where(
        (PeriodicJob.due_at <= now) & PeriodicJob.leased_by.is_null()
    )
    return int(rows + jobs.count())


@contextlib.asynccontextmanager
async def open_apart(
    folder: Path, database_url: str, redis_url: str, keys: DemoKeys
) -> AsyncIterator[tuple[World, Apart]]:
    """A seeded shop in separate processes, on an empty database."""
    before, is_small = database.obj, database_url.startswith("sqlite")
    app_port, sim_port, private_port, own_port = (free_port() for _ in range(4))
    env = environment_for(app_port, sim_port, private_port, database_url, redis_url, folder, keys)
    config = parse((ROOT / "config.yaml").read_text(encoding="utf-8"), "config.yaml", env, folder)
    await asyncio.to_thread(fresh, database_url)
    settings = Settings(
        app_base_url=config.public_url, public_url=f"http://127.0.0.1:{sim_port}",
        clock_url=f"http://127.0.0.1:{private_port}/clock", time_scale=0.02,
        templates=account_templates(), **keys.for_settings(),
    )  # fmt: skip
    (folder / "simulator.json").write_text(json.dumps(asdict(settings)))
    apart = env | {"FENMALL_WORKER_PRIVATE_PORT": str(own_port)}
    shop = Apart(
        web=app("web", ["serve"], folder, env),
        worker=None if is_small else app("worker", ["worker"], folder, apart),
        simulator=ours(
            "simulator",
            "simulator",
            ["--port", str(sim_port), "--config", f"{folder}/simulator.json"],
            folder,
        ),
        web_url=config.public_url,
        worker_url=f"http://127.0.0.1:{own_port}",
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(shop.stop)
        shop.simulator.start()
        seeding = app("seed", ["seed"], folder, env).start()
        stack.callback(seeding.kill)
        assert await asyncio.to_thread(seeding.wait, SEED_SECONDS) == 0, seeding.tail()
        await asyncio.to_thread(shop.simulator.ready, f"{settings.public_url}/_sim/state")
        await shop.start_web()
        if not is_small:
            await shop.start_worker()
        crypto.install_vault(crypto.Vault.from_secret(config.secret_key))
        if is_small:  # the web process holds the file's lock; the test only reads
            store: Any = store_for(open_database(database_url), lock=False)
        else:
            store = open_store(database_url, threads=4)
        stack.callback(database.initialize, before)
        stack.push_async_callback(store.close)
        subscribe_all()
        http = await stack.enter_async_context(aiohttp.ClientSession())
        runtime: Any = SimpleNamespace(store=store, config=config)
        world = World(runtime, config.public_url, settings.public_url, http)
        world.worker, world.stack = _FarWorker(store), stack
        yield world, shop
