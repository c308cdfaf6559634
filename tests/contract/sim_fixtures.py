"""Fixtures for the simulator's own tests; imported by each of their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from simulator.app import make_app
from simulator.settings import Settings
from tests.contract.sim_shop import Desk, Shop
from tests.harness.keys import shared_keys

MakeDesk = Callable[..., Awaitable[Desk]]
PEOPLE = [{"id": "lin", "name": "小林"}, {"id": "wang", "name": "小王", "real_name": "王小明"}]


@pytest.fixture
async def make_desk(
    aiohttp_server: Callable[..., Awaitable[TestServer]],
) -> AsyncIterator[MakeDesk]:
    """A function that starts a simulator and a shop with the given settings."""
    session = ClientSession()

    async def make(**changes: Any) -> Desk:
        shop = Shop()
        shop_server = await aiohttp_server(shop.app())
        shop.base = str(shop_server.make_url("")).rstrip("/")
        keys = shared_keys()
        values: dict[str, Any] = {
            "app_base_url": shop.base,
            "phones": PEOPLE,
            "time_scale": 0.001,
            "push_timeout_s": 2.0,
            "notify_timeout_s": 2.0,
            "mode": "plain",
            **keys.for_settings(),
        }
        settings = Settings(**(values | changes))
        app = make_app(settings)
        server = await aiohttp_server(app)
        base = str(server.make_url("")).rstrip("/")
        return Desk(base, shop, session, app, keys, settings)

    yield make
    await session.close()


@pytest.fixture
async def desk(make_desk: MakeDesk) -> Desk:
    """A simulator and a shop."""
    return await make_desk()
