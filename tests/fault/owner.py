"""The merchant's pages on a store of the test's own, beside no WeChat: what do they say now?"""

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
from tests.harness.merchant import words_of
from tests.harness.world import Page


class Owner:
    """The owner, signed in for as long as the test lasts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def reads(self, path: str) -> tuple[int, str]:
        """A page's status and its words."""
        status, text = await self._desk.get(path)
        return status, words_of(Page(path, status, text, {}))

    async def sends(self, path: str, **values: Any) -> tuple[int, str]:
        """A form's status, and the words of the answer or where it leads."""
        status, text = await self._desk.post(path, **values)
        return status, words_of(Page(path, status, text, {}))


@contextlib.asynccontextmanager
async def owner_of(store: Any) -> AsyncIterator[Owner]:
    """Serve the merchant's pages on a store, and sign its owner in."""
    redis, config = fakeredis.FakeAsyncRedis(), config_with()
    pay, menu, messenger = FakePay(), FakeMenu(), FakeMessenger()

    async def ailing() -> Mapping[str, str | None]:
        return (await health.check(store, redis)).parts

    deps = AdminDeps(
        pay=pay, messenger=messenger, menu=menu, pictures=None, documents=None, exports=None,  # type: ignore[arg-type]
        publish_menu=menu.publish, ailing=ailing,
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
