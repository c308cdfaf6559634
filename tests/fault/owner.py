"""The merchant's pages on the store of a test, without a simulated WeChat."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import fakeredis
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from admin import AdminDeps, StaffSessions, make_admin_app
from kernel import health
from kernel.web.keys import CONFIG, LIMITER, RENDERER, STORE
from kernel.web.limits import Limiter
from kernel.web.middleware import request_frame
from kernel.web.templates import Renderer
from tests.face.chat import config_with
from tests.face.desk import Desk, FakeMenu, hire, open_session
from tests.factories.messenger import FakeMessenger
from tests.factories.pay import FakePay
from tests.harness.markup import words_of


class Owner:
    """The owner, signed in for as long as the test lasts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def reads(self, path: str) -> tuple[int, str]:
        """Open a page; returns its status and its text."""
        status, text = await self._desk.get(path)
        return status, words_of(text)

    async def sends(self, path: str, **values: Any) -> tuple[int, str]:
        """Send a form; returns the status and the text of the answer, or its redirect."""
        status, text = await self._desk.post(path, **values)
        return status, words_of(text)


@contextlib.asynccontextmanager
async def owner_of(store: Any) -> AsyncIterator[Owner]:
    """Serve the merchant's pages on a store, and sign its owner in."""
    redis, config = fakeredis.FakeAsyncRedis(), config_with()
    pay, menu, messenger = FakePay(), FakeMenu(), FakeMessenger()

    async def ailing() -> Mapping[str, str | None]:
        return (await health.check(store, redis)).parts

    deps = AdminDeps(
        pay=pay, messenger=messenger, menu=menu, pictures=None, documents=None, exports=None,  # type: ignore[arg-type]
        evidence=None, publish_menu=menu.publish, ailing=ailing,  # type: ignore[arg-type]
    )  # fmt: skip
    app = web.Application(middlewares=[request_frame])
    app[CONFIG], app[STORE] = config, store
    app[RENDERER], app[LIMITER] = Renderer(config), Limiter(redis)
    app.add_subapp("/admin", make_admin_app(deps, StaffSessions(store)))
    await store.write(hire, "owner", "owner")
    async with TestClient(TestServer(app)) as client:
        desk = Desk(client, pay, menu, messenger, store)
        desk.use(await store.write(open_session, "owner"))
        yield Owner(desk)
    await redis.aclose()
