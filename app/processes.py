"""The processes: serve, worker, migrate, seed, and the demo that runs all of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import sys
from pathlib import Path

from app.production import NotForProduction, refuse_published
from app.runtime import Runtime, install_vault_of, open_runtime
from app.server import PortTaken, listen, make_private_app, serving, stop_asked
from app.wiring import subscribe_all
from app.worker import working
from domain import legal
from domain.installation import claim_book
from kernel import clock, logs, migrate
from kernel.config import Config, ConfigError, load
from kernel.errors import Forbidden
from kernel.store.sqlite import AlreadyRunning

YOUNG_MOST = 5_000
"""Garbage collection's threshold for the youngest generation, in objects; Python's is 700."""

NO_SEED = "the demo shop has published passwords: production is not seeded\n"
PAST_IS_MADE = "\n  The shop's past trade is being made; that takes some seconds.\n"
NO_DEMO = "the demo runs with FENMALL_ENV=demo only, never with another shop's configuration\n"
FOREIGN = (
    "this database belongs to another environment: a demo never runs on a real shop's book, and a "
    "real shop never on a demo's\n"
)


def run(command: str, config: Config) -> int:
    """Run one process; returns its exit status."""
    logs.setup(config)
    if command == "seed" and config.environment == "production":
        sys.stderr.write(NO_SEED)
        return 2
    try:
        if command == "migrate":
            return _migrate(config)
        if waiting := migrate.pending(config.database):
            sys.stderr.write(f"{len(waiting)} migrations wait: run `python -m app migrate`\n")
            return 2
        main = {"serve": _serve, "worker": _worker, "seed": _seed}[command]
        with contextlib.suppress(KeyboardInterrupt):
            _run(main(config))
    except AlreadyRunning as error:
        sys.stderr.write(f"another process serves this database: {error}\n")
        return 2
    except (migrate.MigrationError, PortTaken, NotForProduction) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Forbidden as error:
        return _foreign(error)
    return 0


def _foreign(error: Forbidden) -> int:
    """Print the message for a database of another environment; re-raise other errors."""
    if error.code != "foreign_book":
        raise error
    sys.stderr.write(FOREIGN)
    return 2


def _run(coroutine: object) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(coroutine)  # type: ignore[arg-type]
    else:
        uvloop.run(coroutine)  # type: ignore[arg-type]


def _migrate(config: Config) -> int:
    install_vault_of(config)  # a migration may have to read what is encrypted
    done = migrate.migrate(config.database)
    sys.stdout.write("\n".join(done or ["up to date"]) + "\n")
    return 0


def spare_collector() -> None:
    """Exclude all present objects from garbage collection, and collect less often.

    Objects that exist at the end of the start live as long as the process. Those of requests are
    mostly freed by reference counting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MOST, 10, 10)


async def _claim(runtime: Runtime) -> None:
    """Mark the database as this environment's; production refuses published values first.

    Raises NotForProduction, and Forbidden for a database of another environment.
    """
    await refuse_published(runtime.store, runtime.config)
    await runtime.store.write(claim_book, runtime.config.environment)
    await runtime.store.write(legal.keep_first_versions)


async def _serve(config: Config) -> None:
    """The web process; on SQLite the worker runs inside it, since only one process is allowed."""
    async with open_runtime(config) as runtime:
        await _claim(runtime)
        subscribe_all()
        stop = stop_asked()
        async with contextlib.AsyncExitStack() as stack:
            if config.database.startswith("sqlite"):
                await stack.enter_async_context(working(runtime))
            await stack.enter_async_context(serving(runtime))
            spare_collector()
            await stop.wait()


async def _worker(config: Config) -> None:
    """The worker, with metrics and health on its private port."""
    async with open_runtime(config) as runtime:
        await _claim(runtime)
        subscribe_all()
        http, private = runtime.config.http, make_private_app(runtime)
        stop = stop_asked()
        async with working(runtime), listen(private, http.private_host, http.worker_private_port):
            await stop.wait()


async def _seed(config: Config) -> None:
    from app.seed import seed

    async with open_runtime(config) as runtime:
        await _claim(runtime)
        subscribe_all()
        is_new = await seed(runtime)
        told = "the demo shop is in place" if is_new else "the shop is there already"
        sys.stdout.write(told + "\n")


def demo(path: Path, days: int = 0) -> int:
    """The demo: migrate, seed, simulator and shop in one process on loopback.

    A new shop has traded for ``days`` days.
    """
    if os.environ.get("FENMALL_ENV") == "production":
        sys.stderr.write(NO_DEMO)
        return 2
    port = int(os.environ.get("PORT", "8080"))
    _demo_environment(port)
    _demo_keys()
    try:
        config = load(path)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if config.environment == "production":
        sys.stderr.write(NO_DEMO)
        return 2
    for wanted in (port, port + 1, port + 2):
        if not _is_free(wanted):
            sys.stderr.write(f"port {wanted} is taken: run PORT=… make demo with another\n")
            return 2
    logs.setup(config)
    install_vault_of(config)
    try:
        migrate.migrate(config.database)
    except migrate.MigrationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        with contextlib.suppress(KeyboardInterrupt):
            _run(_demo(config, port, days))
    except AlreadyRunning as error:
        sys.stderr.write(f"the demo is already running: {error}\n")
        return 2
    except Forbidden as error:
        return _foreign(error)
    return 0


def _demo_environment(port: int) -> None:
    simulator = f"http://127.0.0.1:{port + 1}"
    values = {
        "PORT": str(port),
        "FENMALL_PRIVATE_PORT": str(port + 2),
        "FENMALL_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "IDENTITY_URL": simulator,
        "WECHAT_API_BASE": simulator,
        "WECHAT_OPEN_BASE": simulator,
        "WECHAT_MP_BASE": simulator,
        "PAY_API_BASE": simulator,
        "WECHAT_JSSDK_URL": f"{simulator}/open/js/jweixin-1.6.0.js",
    }
    for name, value in values.items():
        os.environ.setdefault(name, value)


def _demo_keys() -> None:
    from simulator.keys import ensure_keys

    ensure_keys("var/demo-keys")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def _demo(config: Config, port: int, days: int) -> None:
    import aiohttp

    from app.demo import connect_account, prepare, simulated_wechat, welcome
    from app.demo_history import Clocks, add_history
    from app.demo_orders import add_orders
    from app.seed import furnish, is_furnished, open_today

    # the simulator must run before the shop calls it
    async with (
        simulated_wechat(config, port + 1),
        open_runtime(config) as runtime,
        aiohttp.ClientSession(base_url=f"{config.wechat.api_base}/_sim/") as http,
    ):
        await runtime.store.write(claim_book, config.environment)
        clocks, is_new = Clocks(runtime, http), not await runtime.store.read(is_furnished)
        if is_new or await clocks.is_behind():
            await clocks.move(-days if is_new else 0)
        await _claim(runtime)
        subscribe_all()
        if is_new:
            if days:
                sys.stdout.write(PAST_IS_MADE)
                sys.stdout.flush()
            await furnish(runtime, clock.business_day(clock.system_now()))
            await add_history(runtime, clocks, days)
            await open_today(runtime)
        async with working(runtime), serving(runtime):
            await connect_account(config)
            if is_new:
                await prepare(runtime)
                await add_orders(runtime)
            said, stop = await welcome(runtime, port), stop_asked()
            sys.stdout.write(said + "\n")
            sys.stdout.flush()
            await stop.wait()


__all__ = ["Runtime", "demo", "run"]
