"""Fixtures for every test: a database of its own per worker, a still clock, no outside."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import SqliteDatabase

from domain.settings.service import forget_cache
from kernel import clock, crypto, events
from kernel.store import database as installed
from kernel.store import open_database, store_for

TEST_SECRET = "test-secret-0123456789abcdef"


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

    from domain.staff import service

    with pytest.MonkeyPatch.context() as patch:
        light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(service, "_HASHER", light)
        patch.setattr(service, "_NOBODY", light.hash("nobody has this password"))
        yield


@pytest.fixture(autouse=True)
def _still_world() -> Iterator[None]:
    """The clock unmoved, the vault installed and nobody hearing of events, for each test."""
    clock.set_offset(timedelta(0))
    forget_cache()
    crypto.install_vault(crypto.Vault.from_secret(TEST_SECRET))
    events.unsubscribe_all()
    yield
    clock.set_offset(timedelta(0))
    events.unsubscribe_all()


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
    from domain.aftersales import wiring as aftersales
    from domain.orders import wiring as orders

    orders.subscribe_all()
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
