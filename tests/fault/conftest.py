"""Fixtures of the fault tests: a shop with a simulated WeChat, and servers that a test may kill.

Tests that start servers or kill processes are marked ``slow``. They bring their own databases, so
they run in one round only (see tests/suites.py). The files of what is killed lie on the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.keys import DemoKeys
from tests.databases import fresh
from tests.harness.keys import shared_keys
from tests.harness.own_redis import own_redis
from tests.harness.servers import MariaDb, Missing, Postgres, RedisServer
from tests.harness.world import World, open_world


@pytest.fixture(scope="session")
def keys() -> DemoKeys:
    """Demo keys, made once per worker because making them takes a second."""
    return shared_keys()


@pytest.fixture
async def world(
    db: Any, database_url: str, tmp_path: Path, keys: DemoKeys
) -> AsyncIterator[World]:
    """The shop and the simulated WeChat in this process; on SQLite with a separate file."""
    url = database_url
    if url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/fault.sqlite3"
        fresh(url)
    redis = own_redis()
    async with open_world(tmp_path, url, redis, keys) as opened:
        yield opened


def _own(server: Any) -> Iterator[Any]:
    """A server in a new folder. Its user could not enter pytest's ``tmp_path``."""
    with tempfile.TemporaryDirectory(prefix="fenmall-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        try:
            own = server(Path(folder) / "server")
        except Missing as error:
            pytest.skip(str(error))
        try:
            yield own.start()
        finally:
            own.stop()


@pytest.fixture(params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A database server for one test, of each kind."""
    kind = {"postgresql": Postgres, "mysql": MariaDb}[request.param]
    yield from _own(kind)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis server for one test."""
    yield from _own(RedisServer)
