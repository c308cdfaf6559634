"""Fixtures for every test: a database of its own per worker, a still clock, no outside."""

from __future__ import annotations

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

from domain import catalog, payments, reservations
from domain.promotions.live import clear_cache
from domain.settings import forget_cache
from kernel import clock, context, crypto, events
from kernel.store import database as installed
from kernel.store import open_database, store_for
from tests import scratch, suites
from tests.harness.templates import _templates_compiled_once  # noqa: F401 - for every test
from tests.scratch import tmp_path  # noqa: F401 - a fixture of every test
from tests.soak import TIMES, examples

# An example may take as long as a busy machine needs: no test is about its own speed. The short
# form tries the same examples each time, so that a change is not judged by luck; a soak tries new
# ones.
hypothesis.settings.register_profile(
    "house", deadline=None, max_examples=examples(60), derandomize=TIMES == 1
)
hypothesis.settings.load_profile("house")

SOMEBODY = "operator:test"
TEST_SECRET = "test-secret-0123456789abcdef"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Which tests run where, and in which folder they write: pytest chooses its own after this."""
    scratch.begin(config)
    config.pluginmanager.register(suites, "suites")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing stays in memory."""
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
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated, empty database for this worker."""
    from tests.databases import fresh

    url = _server_url(tmp_path_factory.mktemp("db"))
    fresh(url)
    return url


@pytest.fixture
def db(database_url: str) -> Iterator[Any]:
    """The installed database, emptied; tests may call verbs and queries directly."""
    from tests.databases import empty

    database = open_database(database_url)
    empty(database)
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
    """Passwords cost a test little; what a hash costs in earnest stands in the hash itself."""
    from argon2 import PasswordHasher

    from kernel import hashing
    from kernel.passwords import PasswordPool

    class InPlace:
        """Hashes in the pool's thread instead of a process of its own."""

        def ask(self, name: str, *arguments: str) -> Any:
            """The work itself."""
            return hashing.WORK[name](*arguments)

        def close(self) -> None:
            """Nothing was started."""

    with pytest.MonkeyPatch.context() as patch:
        light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(hashing, "HASHER", light)
        patch.setattr(PasswordPool, "engine", InPlace)
        yield


@pytest.fixture(autouse=True, scope="session")
def _keys_read_once() -> Iterator[None]:
    """Reading a private key checks its numbers, a tenth of a second each time: once per key."""
    from cryptography.hazmat.primitives import serialization

    real = serialization.load_pem_private_key
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", lru_cache(maxsize=64)(real))
        yield


@pytest.fixture(autouse=True)
def _still_world() -> Iterator[None]:
    """The clock unmoved, the vault installed and nobody hearing of events, for each test."""
    clock.set_offset(timedelta(0))
    system_now = clock.system_now
    forget_cache()
    clear_cache()
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
    """A test that calls a verb plays a person; one about the machine names its part itself."""
    before = context.actor.get()
    context.actor.set(SOMEBODY)
    yield
    context.actor.set(before)


@pytest.fixture(autouse=True)
def _nothing_left_open() -> Iterator[None]:
    """Who asks a server outside the store leaves a connection, and a later test then fails."""
    yield
    left = installed.obj
    if left is not None and not isinstance(left, SqliteDatabase) and not left.is_closed():
        left.close()
        pytest.fail("this test queried in its own thread: use store.read or the fixture db")


@pytest.fixture
def wired() -> None:
    """The event handlers of the trade domains: money reaches orders, refunds reach cases."""
    from domain import notices
    from domain.aftersales import wiring as aftersales
    from domain.orders import wiring as orders

    orders.subscribe_all()
    notices.subscribe_all()
    aftersales.subscribe_all()


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
