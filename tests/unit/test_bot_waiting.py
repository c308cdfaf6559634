"""The record of who waits for a person, while Redis is down or slow."""

from __future__ import annotations

import asyncio
from typing import Any

import fakeredis
import pytest

from bot import waiting
from kernel.round_trips import RoundTrips
from tests.face.conftest import BrokenRedis
from tests.harness.redis_wires import Pool, SilentWire


class Silent:
    """A fake Redis that never answers."""

    connection_pool = Pool(SilentWire())


@pytest.mark.parametrize("redis", [BrokenRedis(), Silent()], ids=["gone", "silent"])
async def test_without_redis_nobody_is_recorded_and_the_reply_is_not_delayed(redis: Any) -> None:
    trips = RoundTrips(redis)
    async with asyncio.timeout(5):
        await waiting.begin(trips, "o1")
        assert await waiting.has(trips, "o1") is False
        await waiting.end(trips, "o1")


async def test_a_record_of_waiting_expires_after_half_an_hour() -> None:
    redis = fakeredis.FakeAsyncRedis()
    trips = RoundTrips(redis)
    await waiting.begin(trips, "o1")
    assert await waiting.has(trips, "o1") is True
    assert await waiting.has(trips, "o2") is False
    assert 0 < await redis.ttl("waits:o1") <= waiting.WAITS_SECONDS
    await waiting.end(trips, "o1")
    assert await waiting.has(trips, "o1") is False
    await redis.aclose()
