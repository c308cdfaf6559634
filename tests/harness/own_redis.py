"""A Redis database of the worker's own: keys name the account, not the world that wrote them.

Two worlds in one Redis database would read each other's access token, which the other's WeChat
refuses (40001), and would take two pushes of one openid for one.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit, urlunsplit

import redis

DATABASES = 16  # as a Redis server has when nobody configured it


def own_redis() -> str:
    """This worker's database of the server that ``REDIS_URL`` names, emptied; or the embedded."""
    url = _given()
    if not is_redis_a_server():
        return url
    own = database_of(url, os.environ.get("PYTEST_XDIST_WORKER", ""))
    with redis.Redis.from_url(own) as client:
        client.flushdb()
    return own


def is_redis_a_server() -> bool:
    """Does ``REDIS_URL`` name one that several processes can use?"""
    return _given().startswith("redis")


def _given() -> str:
    return os.environ.get("REDIS_URL", "memory://")


def database_of(url: str, worker: str) -> str:
    """The URL with the number of its database raised by the worker's number."""
    parts = urlsplit(url)
    number = re.search(r"[0-9]+", worker)
    first = int(parts.path.strip("/") or 0)
    database = (first + int(number.group() if number else 0)) % DATABASES
    return urlunsplit(parts._replace(path=f"/{database}"))
