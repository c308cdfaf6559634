"""Fixtures for the contract tests: gateways against fakes and against the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import fakeredis
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from gateways.http import new_session
from gateways.wechat import WeChatGateway, connect
from gateways.wechatpay import WeChatPay
from kernel.config import Pay, WeChat
from simulator.app import make_app
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.contract.clients.node import node  # noqa: F401 - a fixture of this folder
from tests.contract.fakes import Fake, PaySeal, app_of
from tests.contract.shop import Shop, Simulated
from tests.contract.sim_fixtures import desk, make_desk  # noqa: F401 - fixtures of this folder
from tests.harness.keys import shared_keys

OPENID = "oFan0000000000000000000000AA"
PREVIOUS_KEY = "PREVIOUSabcdefghijklmnopqrstuvwxyz012345678"


@pytest.fixture(scope="session")
def keys() -> DemoKeys:
    """Keys of the merchant and of WeChat Pay, made once per worker."""
    return shared_keys()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """The HTTP session for outgoing calls."""
    async with new_session() as opened:
        yield opened


@pytest.fixture
async def redis() -> AsyncIterator[Any]:
    """A fake Redis in this process."""
    client = fakeredis.FakeAsyncRedis()
    yield client
    await client.aclose()


@pytest.fixture
async def fake(aiohttp_server: Callable[..., Awaitable[TestServer]]) -> Fake:
    """A server with answers set by the test."""
    made = Fake()
    server = await aiohttp_server(app_of(made))
    made.base = str(server.make_url("")).rstrip("/")
    return made


def wechat_config(base: str, **changes: Any) -> WeChat:
    """The demo account, with all of WeChat's hosts at one server."""
    settings = Settings()
    values: dict[str, Any] = {
        "appid": settings.appid,
        "secret": settings.secret,
        "token": settings.token,
        "original_id": settings.original_id,
        "encoding_aes_key": settings.encoding_aes_key,
        "mode": "safe",
        "api_base": base,
        "open_base": base,
        "mp_base": base,
    }
    return WeChat(**(values | changes))


def pay_config(base: str, keys: DemoKeys, **changes: Any) -> Pay:
    """The demo merchant, with the public key and the platform certificate of WeChat Pay."""
    settings = Settings()
    values: dict[str, Any] = {
        "mchid": settings.mchid,
        "appid": settings.appid,
        "serial_no": settings.merchant_serial,
        "private_key": keys.merchant_private_key,
        "apiv3_key": settings.apiv3_key,
        "public_key_id": settings.public_key_id,
        "public_key": keys.wechatpay_public_key,
        "certificates": [keys.platform_certificate],
        "api_base": base,
    }
    return Pay(**(values | changes))


@pytest.fixture
def seal(keys: DemoKeys) -> PaySeal:
    """Signs as WeChat Pay with the private key of its public key."""
    settings = Settings()
    return PaySeal(keys.wechatpay_private_key, settings.public_key_id, settings.apiv3_key)


@pytest.fixture
def platform_seal(keys: DemoKeys) -> PaySeal:
    """Signs as WeChat Pay with the private key of its platform certificate."""
    settings = Settings()
    return PaySeal(keys.platform_private_key, settings.platform_serial, settings.apiv3_key)


@pytest.fixture
def wechat(fake: Fake, session: ClientSession, redis: Any) -> WeChatGateway:
    """The WeChat gateway, connected to the fake server."""
    return connect(wechat_config(fake.base), session, redis)


@pytest.fixture
def pay(fake: Fake, session: ClientSession, keys: DemoKeys) -> WeChatPay:
    """The pay gateway, connected to the fake server."""
    return WeChatPay(pay_config(fake.base, keys), session)


@pytest.fixture
async def world(
    aiohttp_server: Callable[..., Awaitable[TestServer]],
    session: ClientSession,
    redis: Any,
    keys: DemoKeys,
) -> Simulated:
    """The simulator in this process, with short delays, and a shop that it pushes to."""
    shop = Shop()
    server = await aiohttp_server(shop.app())
    shop.base = str(server.make_url("")).rstrip("/")
    settings = Settings(app_base_url=shop.base, time_scale=0.01, **keys.for_settings())
    simulator = await aiohttp_server(make_app(settings))
    base = str(simulator.make_url("")).rstrip("/")
    shop.wechat = connect(wechat_config(base), session, redis)
    shop.pay = WeChatPay(pay_config(base, keys), session)
    return Simulated(base, shop, session, shop.wechat, shop.pay)
