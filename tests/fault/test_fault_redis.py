"""Redis is stopped, flushed, or hangs: the shop sells on, and money and stock stay right.

The merchant's first page says that the shop runs without Redis, for as long as it does.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator.keys import DemoKeys
from tests.databases import fresh
from tests.fault import people
from tests.harness import story
from tests.harness.merchant import Merchant, told
from tests.harness.servers import RedisServer
from tests.harness.waiting import PATIENCE
from tests.harness.world import World, open_world

pytestmark = pytest.mark.slow
DEGRADED = "Redis 不可用，已降级"
LONGEST = 60.0  # seconds for a whole purchase while each call to Redis hangs


@pytest.fixture
async def mall(
    db: Any, redis: RedisServer, tmp_path: Path, keys: DemoKeys
) -> AsyncIterator[World]:
    """A shop with a Redis server of this test."""
    url = f"sqlite:///{tmp_path}/redis.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, redis.url, keys) as opened:
        yield opened


async def _ready(world: World) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"{world.app_url}/readyz") as answer:
        return answer.status, await answer.text()


async def _buys_and_chats(world: World, name: str) -> None:
    phone = await world.phone(name)
    await phone.follow()
    assert "陈酿" in str((await phone.ask("商品"))["body"])
    await story.buy(phone)


async def test_people_can_buy_while_redis_is_stopped(mall: World, redis: RedisServer) -> None:
    owner = await Merchant(mall).sign_in()
    await _buys_and_chats(mall, "before")
    await told(owner, "/admin/", "待发货 1 ", never=["Redis"])
    redis.stop()
    status, text = await _ready(mall)
    assert (status, "redis" in text) == (200, True)
    await _buys_and_chats(mall, "without")
    await told(owner, "/admin/", "待发货 2 ", DEGRADED, "下单、付款、聊天照常")
    redis.start()
    await _buys_and_chats(mall, "after")
    await told(owner, "/admin/", "待发货 3 ", never=["Redis"])
    assert await people.states(mall) == {"paid": 3}
    await people.agreed(mall)


async def test_a_purchase_survives_a_flush_of_redis(mall: World, redis: RedisServer) -> None:
    """Redis holds only what may be lost, so the first page shows no warning."""
    owner = await Merchant(mall).sign_in()
    phone = await mall.phone("lin")
    await phone.follow()
    page = await story.checkout(phone)
    redis.flush()
    paid = await phone.pay(params=story.till(page)["params"])
    assert paid["result"] == "ok"
    redis.flush()
    await mall.settle()
    assert await people.states(mall) == {"paid": 1}
    redis.flush()
    await told(owner, "/admin/", "待发货 1 ", never=["Redis", "没有明确回答", "没有送到"])
    assert "陈酿" in str((await phone.ask("商品"))["body"])
    await people.agreed(mall)


async def test_people_can_buy_while_redis_hangs(mall: World, redis: RedisServer) -> None:
    """Redis accepts connections and never answers: each wait ends, and the database is used."""
    owner = await Merchant(mall).sign_in()
    await _buys_and_chats(mall, "before")
    redis.process.pause()
    started = time.monotonic()
    phone = await mall.phone("before")
    order_no = await people.checkout(phone)
    assert await people.pay(phone, order_no)
    took = time.monotonic() - started
    await told(owner, "/admin/", DEGRADED)
    assert time.monotonic() - started - took < LONGEST
    redis.process.go_on()
    await mall.settle()
    await told(owner, "/admin/", "待发货 2 ", never=["Redis"], seconds=PATIENCE)
    assert took < LONGEST
    assert await people.states(mall) == {"paid": 2}
    await people.agreed(mall)
