"""Who waits for a person, while Redis is away or slow."""

from __future__ import annotations

import asyncio
from typing import Any

import fakeredis
import pytest
from redis.exceptions import ConnectionError as Away

from bot import waiting


class Gone:
    """A Redis that refuses every call."""

    async def set(self, *_: Any, **__: Any) -> None:
        """Refuse."""
        raise Away("no server")

    async def exists(self, *_: Any) -> int:
        """Refuse."""
        raise Away("no server")

    async def delete(self, *_: Any) -> None:
        """Refuse."""
        raise Away("no server")


class Silent:
    """A Redis that never answers."""

    async def set(self, *_: Any, **__: Any) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    async def exists(self, *_: Any) -> int:
        """Wait for ever."""
        await asyncio.Event().wait()
        return 0

    async def delete(self, *_: Any) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()


@pytest.mark.parametrize("redis", [Gone(), Silent()], ids=["gone", "silent"])
async def test_without_redis_nobody_waits_and_nobody_is_kept_waiting(redis: Any) -> None:
    async with asyncio.timeout(5):
        await waiting.begin(redis, "o1")
        assert await waiting.has(redis, "o1") is False
        await waiting.end(redis, "o1")


async def test_who_waits_is_forgotten_after_half_an_hour() -> None:
    redis = fakeredis.FakeAsyncRedis()
    await waiting.begin(redis, "o1")
    assert await waiting.has(redis, "o1") is True
    assert await waiting.has(redis, "o2") is False
    assert 0 < await redis.ttl("waits:o1") <= waiting.WAITS_SECONDS
    await waiting.end(redis, "o1")
    assert await waiting.has(redis, "o1") is False
    await redis.aclose()
