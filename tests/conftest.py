"""Fixtures for every test: one database per worker, reset global state, no network."""

from __future__ import annotations

import atexit
import gc
import os
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from peewee import SqliteDatabase

from bot import shelf
from domain import catalog, payments, reservations
from domain.promotions.live import clear_cache
from domain.settings import forget_cache
from kernel import clock, context, crypto, events
from kernel.store import database as installed
from kernel.store import open_database, store_for
from tests import scratch, suites
from tests.factories import numbers
from tests.harness import connections
from tests.harness.templates import _templates_compiled_once  # noqa: F401 - for every test
from tests.scratch import tmp_path  # noqa: F401 - a fixture of every test
from tests.soak import TIMES, examples

# Examples have no deadline, because no test measures its own speed. The short form tries the same
# examples in each run, so that results are reproducible; a soak tries new ones.
hypothesis.settings.register_profile(
    "house", deadline=None, max_examples=examples(60), derandomize=TIMES == 1
)
hypothesis.settings.load_profile("house")

SOMEBODY = "operator:test"
TEST_SECRET = "test-secret-0123456789abcdef"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the tests of this run and their folder, before pytest chooses a folder."""
    scratch.begin(config)
    gc.set_threshold(20_000, 20, 20)
    atexit.register(gc.unfreeze)  # otherwise nanobind reports leaks at exit
    config.pluginmanager.register(suites, "suites")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Freeze what was imported and collected, so that the garbage collector skips it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Collect garbage once and freeze the rest; pytest would search all of it five times."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder in memory."""
    scratch.end(config)


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def _server_url(tmp: Path) -> str:
    """The database of this worker: SQLite in a temporary folder, or one named after the worker."""
    url = os.environ.get("DATABASE_URL", "")
    if not url or url.startswith("sqlite"):
        return f"sqlite:///{tmp}/test.sqlite3"
    return f"{url}_{_worker()}"


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database for this worker; connections to it are kept open."""
    from tests.databases import fresh

    url = _server_url(tmp_path_factory.mktemp("db"))
    fresh(url, is_durable=False)
    with connections.kept_open(url):
        yield url


@pytest.fixture
def db(database_url: str) -> Iterator[Any]:
    """The installed database, emptied; tests may call verbs and queries directly."""
    from tests.databases import empty

    database = open_database(database_url)
    empty(database)
    numbers.begin_anew()
    yield database
    if not database.is_closed():
        database.close()


@pytest.fixture
async def store(db: Any) -> AsyncIterator[Any]:
    """The store seam on an empty database."""
    opened = store_for(db, lock=False)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """Hash passwords cheaply in tests; a hash contains its own parameters."""
    from argon2 import PasswordHasher

    from kernel import hashing
    from kernel.passwords import PasswordPool

    class InPlace:
        """Hashes in the pool's thread and not in a separate process."""

        def ask(self, name: str, *arguments: str) -> Any:
            """Do the work at once."""
            return hashing.WORK[name](*arguments)

        def close(self) -> None:
            """Do nothing: no process was started."""

    with pytest.MonkeyPatch.context() as patch:
        light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(hashing, "HASHER", light)
        patch.setattr(PasswordPool, "engine", InPlace)
        yield


@pytest.fixture(autouse=True, scope="session")
def _keys_read_once() -> Iterator[None]:
    """Load each private key once, because loading checks its numbers for a tenth of a second."""
    from cryptography.hazmat.primitives import serialization

    real = serialization.load_pem_private_key
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", lru_cache(maxsize=64)(real))
        yield


@pytest.fixture(autouse=True)
def _still_world() -> Iterator[None]:
    """Reset clock, caches and vault, and remove all event handlers, for each test."""
    clock.set_offset(timedelta(0))
    system_now = clock.system_now
    forget_cache()
    clear_cache()
    shelf.forget()
    crypto.install_vault(crypto.Vault.from_secret(TEST_SECRET))
    events.unsubscribe_all()
    reservations.install((catalog.STOCK,))
    payments.forget_payables()
    yield
    clock.set_offset(timedelta(0))
    clock.system_now = system_now
    events.unsubscribe_all()


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    """Let a person be the actor of each test; a test of the machine sets its own actor."""
    before = context.actor.get()
    context.actor.set(SOMEBODY)
    yield
    context.actor.set(before)


@pytest.fixture(autouse=True)
def _nothing_left_open() -> Iterator[None]:
    """Fail a test that left a connection open, because a later test would fail by it."""
    yield
    left = installed.obj
    if left is not None and not isinstance(left, SqliteDatabase) and not left.is_closed():
        left.close()
        pytest.fail("this test queried in its own thread: use store.read or the fixture db")


@pytest.fixture
def wired() -> None:
    """Subscribe the event handlers of the search, orders, after-sales, gifts and notices."""
    from domain import notices
    from domain.aftersales import wiring as aftersales
    from domain.gifts import wiring as gifts
    from domain.orders import wiring as orders
    from domain.pickups import wiring as pickups
    from domain.search import wiring as search

    search.subscribe_all()
    orders.subscribe_all()
    notices.subscribe_all()
    aftersales.subscribe_all()
    gifts.subscribe_all()
    pickups.subscribe_all()


@pytest.fixture(autouse=True)
def _no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test opens a socket beyond loopback."""
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached out to {host}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
