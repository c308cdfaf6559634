"""Fixtures for tests that talk to a face through aiohttp's client.

``test_config`` is config.yaml with harmless keys; ``config_with(wechat={...})`` changes parts of
it. ``open_face(mount)`` starts an application that has what ``app`` gives every face (config,
store, renderer, limiter, the outer middleware) on a free port and answers a client: ``mount`` is
a function that adds the face's routes or sub-application to it. ``members_of`` reads cookies as
``app`` does. The database is the empty one of ``tests/conftest.py`` (fixture ``store``); verbs may
be called directly with ``db``. ``redis`` is a Redis in this process, ``broken_redis`` one that is
down.

For the chat there is ``chat``: the webhook in safe mode before a ``Person`` who says, taps and
scans, with a messenger that keeps what it is asked to send. ``open_chat(...)`` makes others.
``me`` is the member who chats there, ``seller`` the same one as an active distributor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from redis.exceptions import ConnectionError as RedisDown

from app.runtime import first_business
from domain import distribution, legal, members
from domain.settings import forget_cache
from kernel.config import Config
from kernel.web.keys import CONFIG, LIMITER, RENDERER, STORE
from kernel.web.limits import Limiter
from kernel.web.middleware import request_frame
from kernel.web.templates import Renderer
from tests.face.chat import OPENID, Chat, config_with, make_chat
from tests.factories.members import APPID

Mount = Callable[[web.Application], None]
OpenFace = Callable[[Mount], Awaitable[TestClient[Any, Any]]]
OpenChat = Callable[..., Awaitable[Chat]]


class BrokenPipe:
    """Takes commands and fails when it is run, as a real one does without its server."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self

    async def execute(self) -> Any:
        """Nobody answers."""
        raise RedisDown("connection refused")


class BrokenRedis:
    """A Redis that nobody reaches."""

    def pipeline(self, **_: Any) -> Any:
        """One that fails when it is run."""
        return BrokenPipe()

    def __getattr__(self, name: str) -> Any:
        async def refuse(*_: Any, **__: Any) -> Any:
            raise RedisDown("connection refused")

        return refuse


@pytest.fixture(autouse=True)
def _fresh_settings() -> None:
    """No switch of an earlier test is remembered."""
    forget_cache()
    config = config_with()
    legal.set_first_values(config.site.name, first_business(config))


@pytest.fixture
def test_config() -> Config:
    """config.yaml as it is, with harmless keys."""
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
    """Starts a webhook; keywords: ``redis``, ``poster``, ``wechat`` (changes of its config)."""

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
async def mall(
    open_face: OpenFace, store: Any, pay: Any, tmp_path: Path, wired: None
) -> TestClient[Any, Any]:
    """The mall's pages; ``tests.face.shoppers`` has the browsers."""
    from tests.face.shoppers import mount_mall

    return await open_face(lambda app: mount_mall(app, store, pay, tmp_path))


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
    """The merchant's desk, signed in as the owner who just gave a code."""
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
    """One of everything; time has moved, so that everybody signs in again."""
    from tests.face.shop_with_data import make_shop

    made = make_shop()
    desk.sign_in("boss")
    return made
