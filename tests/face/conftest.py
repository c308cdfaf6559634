"""Fixtures for tests that talk to a face through aiohttp's client.

``test_config`` is config.yaml with harmless keys; ``config_with(wechat={...})`` changes parts of
it. ``open_face(mount)`` starts an application with what ``app`` gives to every face (config,
store, renderer, limiter, the outer middleware) on a free port and returns a client. ``mount`` is
a function that adds the routes or sub-application of the face. The database is the empty one of
``tests/conftest.py`` (fixture ``store``); verbs may be called directly with ``db``. ``redis`` is a
Redis in this process, ``broken_redis`` one that is down.

``chat`` is the webhook in safe mode with a client that sends texts, taps and scans, and with a
messenger that stores what it is asked to send. ``open_chat(...)`` starts others.
``me`` is the member who chats there, ``seller`` the same one as an active distributor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from redis.exceptions import ConnectionError as RedisDown

import bot.webhook
from app.runtime import first_business
from bot.desk import Desk
from bot.speech import Speech
from domain import chat_answers, distribution, legal, members
from domain.settings import forget_cache
from kernel.config import Config
from kernel.web.keys import CONFIG, LIMITER, RENDERER, STORE
from kernel.web.limits import Limiter
from kernel.web.middleware import request_frame
from kernel.web.templates import Renderer
from tests.face.chat import OPENID, Chat, config_with, make_chat
from tests.factories.members import APPID
from tests.harness.redis_wires import BrokenWire, Pool
from tests.harness.waiting import PATIENCE

Mount = Callable[[web.Application], None]
OpenFace = Callable[[Mount], Awaitable[TestClient[Any, Any]]]
OpenChat = Callable[..., Awaitable[Chat]]


class BrokenPipe:
    """Accepts commands and fails when it is executed, as a real one without its server."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self

    async def execute(self, **_: Any) -> Any:
        """Fail as without a server."""
        raise RedisDown("connection refused")


class BrokenRedis:
    """A Redis that can't be reached."""

    connection_pool = Pool(BrokenWire())

    def pipeline(self, **_: Any) -> Any:
        """A pipeline that fails when it is executed."""
        return BrokenPipe()

    def __getattr__(self, name: str) -> Any:
        async def refuse(*_: Any, **__: Any) -> Any:
            raise RedisDown("connection refused")

        return refuse


@pytest.fixture(autouse=True)
def _fresh_settings() -> None:
    """Forget the settings that an earlier test has cached."""
    forget_cache()
    config = config_with()
    legal.set_first_values(config.site.name, first_business(config))


@pytest.fixture(autouse=True)
def _the_chat_is_known() -> Iterator[None]:
    """Give the merchant's pages the chat's answers, as ``app`` does."""
    config = config_with()
    chat_answers.install_knowledge(Desk(Speech(Renderer(config), config.public_url)))
    yield
    chat_answers.install_knowledge(None)


@pytest.fixture(autouse=True)
def _chat_answers_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine makes no answer late; a test about late answers sets the budget itself."""
    monkeypatch.setattr(bot.webhook, "BUDGET_SECONDS", PATIENCE)


@pytest.fixture
def test_config() -> Config:
    """config.yaml with harmless keys."""
    return config_with()


@pytest.fixture
async def redis() -> AsyncIterator[Any]:
    """A Redis in this process."""
    client = fakeredis.FakeAsyncRedis()
    yield client
    await client.aclose()


@pytest.fixture
def broken_redis() -> Any:
    """A Redis that is down."""
    return BrokenRedis()


@pytest.fixture
def open_face(
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
    store: Any,
    redis: Any,
    test_config: Config,
) -> OpenFace:
    """Starts an application with a face in it."""

    async def start(mount: Mount) -> TestClient[Any, Any]:
        app = web.Application(middlewares=[request_frame])
        app[CONFIG] = test_config
        app[STORE] = store
        app[RENDERER] = Renderer(test_config)
        app[LIMITER] = Limiter(redis)
        mount(app)
        return await aiohttp_client(app)

    return start


@pytest.fixture
def open_chat(
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]], store: Any, redis: Any
) -> OpenChat:
    """Starts a webhook; keywords: redis, poster, assistant, wechat (changes of its config)."""

    async def start(**changes: Any) -> Chat:
        return await make_chat(aiohttp_client, store, **({"redis": redis} | changes))

    return start


@pytest.fixture
async def chat(open_chat: OpenChat) -> Chat:
    """The chat in safe mode."""
    return await open_chat()


@pytest.fixture
def me(db: Any) -> int:
    """The member who chats."""
    return members.record_message(APPID, OPENID)[0]


@pytest.fixture
def seller(me: int) -> int:
    """The member who chats, as an active distributor."""
    members.set_nickname(me, "小林")
    distribution.apply_as_distributor(me, "小林推荐", "individual", "v1")
    return me


@pytest.fixture
def pay() -> Any:
    """A small WeChat Pay in memory."""
    from tests.factories.pay import FakePay

    return FakePay()


@pytest.fixture
def register() -> Any:
    """The provider of identity checks; None would be a shop without one."""
    from tests.factories.registers import Register

    return Register()


@pytest.fixture
async def mall(
    open_face: OpenFace, store: Any, pay: Any, register: Any, tmp_path: Path, wired: None
) -> TestClient[Any, Any]:
    """A client of the mall's pages; browsers are in ``tests.face.shoppers``."""
    from tests.face.shoppers import mount_mall

    return await open_face(lambda app: mount_mall(app, store, pay, tmp_path, register))


@pytest.fixture
def lin(mall: TestClient[Any, Any]) -> Any:
    """A member's browser in WeChat."""
    from tests.face.shoppers import signed_in
    from tests.factories.members import make_member

    return signed_in(mall, make_member("小林", is_adult=False))


@pytest.fixture
def wang(mall: TestClient[Any, Any]) -> Any:
    """Another member's browser in WeChat."""
    from tests.face.shoppers import signed_in
    from tests.factories.members import make_member

    return signed_in(mall, make_member("小王"))


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Path, wired: None) -> Any:
    """The merchant's pages; the owner is signed in and has just given a one-time code."""
    from domain.distribution import wiring
    from gateways.pictures.images import ImageStore
    from tests.face.desk import hire, open_desk

    wiring.subscribe_all()
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("boss", "owner")
    opened.sign_in("boss")
    return opened


@pytest.fixture
def shop(desk: Any) -> Any:
    """A shop with one of everything. The clock has moved, so the owner is signed in again."""
    from tests.face.shop_with_data import make_shop
    from tests.harness.made_once import made_once

    made = made_once("shop at the desk", make_shop)
    desk.sign_in("boss")
    return made
