"""Fixtures of the faults: a whole shop beside a WeChat that fails, and servers to be killed.

What starts servers and kills processes is marked ``slow``: it brings its own databases, so once is
enough; tests/suites.py says when. What is killed keeps its files on the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.keys import DemoKeys, make_keys
from tests.databases import fresh
from tests.harness.own_redis import own_redis
from tests.harness.servers import MariaDb, Missing, Postgres, RedisServer
from tests.harness.world import World, open_world


@pytest.fixture(scope="session")
def keys() -> DemoKeys:
    """Demo keys, made once: they take a second."""
    return make_keys()


@pytest.fixture
async def world(
    db: Any, database_url: str, tmp_path: Path, keys: DemoKeys
) -> AsyncIterator[World]:
    """A shop and a WeChat in this process; on the embedded default with a file of its own."""
    url = database_url
    if url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/fault.sqlite3"
        fresh(url)
    redis = own_redis()
    async with open_world(tmp_path, url, redis, keys) as opened:
        yield opened


def _own(server: Any) -> Iterator[Any]:
    """A server in a folder that its user may enter: pytest closes its own to others."""
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
    """A database server of the test's own, of each kind."""
    kind = {"postgresql": Postgres, "mysql": MariaDb}[request.param]
    yield from _own(kind)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis of the test's own."""
    yield from _own(RedisServer)
