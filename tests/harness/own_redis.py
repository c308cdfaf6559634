"""One Redis database per test worker, because keys contain the account but not the test.

Tests that share a Redis database would read each other's access token, which another simulator
refuses (40001), and two pushes of one openid would be de-duplicated as one.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit, urlunsplit

import redis

DATABASES = 16  # the default of a Redis server


def own_redis() -> str:
    """Empty this worker's database on the server of ``REDIS_URL``; else the embedded Redis."""
    url = _given()
    if not is_redis_a_server():
        return url
    own = database_of(url, os.environ.get("PYTEST_XDIST_WORKER", ""))
    with redis.Redis.from_url(own) as client:
        client.flushdb()
    return own


def is_redis_a_server() -> bool:
    """True if ``REDIS_URL`` names a server that several processes can use."""
    return _given().startswith("redis")


def _given() -> str:
    return os.environ.get("REDIS_URL", "memory://")


def database_of(url: str, worker: str) -> str:
    """The URL with its database number increased by the worker's number."""
    parts = urlsplit(url)
    number = re.search(r"[0-9]+", worker)
    first = int(parts.path.strip("/") or 0)
    database = (first + int(number.group() if number else 0)) % DATABASES
    return urlunsplit(parts._replace(path=f"/{database}"))
