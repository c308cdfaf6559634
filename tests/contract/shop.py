"""A minimal shop for the simulator's pushes and notifications, and a client of the simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, web

from domain.payments.ports import Notification
from gateways.wechat import WeChatGateway
from gateways.wechatpay import WeChatPay
from kernel.chat import BadPush, Event, Push, Reply, Text, TextReply
from kernel.errors import Refused
from tests.harness.waiting import PATIENCE

Answerer = Callable[[Push], Reply | None]


def echo(push: Push) -> Reply | None:
    """Repeat the text or the key of the menu button."""
    message = push.message
    if isinstance(message, Text):
        return TextReply(f"您说：{message.content}")
    if isinstance(message, Event) and message.kind == "click":
        return TextReply(f"您点了 {message.key}")
    return None


@dataclass
class Shop:
    """Records what arrived and what was refused."""

    wechat: WeChatGateway | None = None
    pay: WeChatPay | None = None
    answer: Answerer = echo
    pushes: list[Push] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notifications: asyncio.Queue[Notification] = field(default_factory=asyncio.Queue)
    base: str = ""
    answer_check: Callable[[web.Request], Awaitable[web.Response]] | None = None
    answer_notify: Callable[[Shop, web.Request], Awaitable[web.Response]] | None = None

    def app(self) -> web.Application:
        """The shop's routes."""
        app = web.Application()
        app.router.add_get("/wechat", self.check)
        app.router.add_post("/wechat", self.push)
        app.router.add_post("/pay/{kind}", self.notify)
        app.router.add_get("/MP_verify_1.txt", verify_file)
        return app

    async def check(self, request: web.Request) -> web.Response:
        """Answer the URL check, as ``answer_check`` says if it is set."""
        if self.answer_check:
            return await self.answer_check(request)
        return await self.confirm(request)

    async def confirm(self, request: web.Request) -> web.Response:
        """Answer a URL check correctly."""
        assert self.wechat
        try:
            return web.Response(text=self.wechat.inbound.verify_url(request.query))
        except BadPush as error:
            return web.Response(status=403, text=error.reason)

    async def push(self, request: web.Request) -> web.Response:
        """Receive a message or event."""
        assert self.wechat
        inbound = self.wechat.inbound
        try:
            push = inbound.open_push(request.query, await request.read())
        except BadPush as error:
            self.refused.append(error.reason)
            return web.Response(status=403)
        self.pushes.append(push)
        return web.Response(text=inbound.render(push, self.answer(push)), content_type="text/xml")

    async def notify(self, request: web.Request) -> web.Response:
        """Receive a notification of WeChat Pay."""
        if self.answer_notify:
            return await self.answer_notify(self, request)
        assert self.pay
        try:
            found = self.pay.parse_notification(request.headers, await request.read())
        except Refused as error:
            self.refused.append(error.code)
            return web.json_response({"code": "FAIL", "message": error.code}, status=401)
        await self.notifications.put(found)
        return web.Response(status=204)

    async def next(self) -> Notification:
        """The next accepted notification."""
        return await asyncio.wait_for(self.notifications.get(), PATIENCE)


@dataclass
class Simulated:
    """The simulator, the shop it is configured for, and our gateways connected to it."""

    base: str
    shop: Shop
    session: ClientSession
    wechat: WeChatGateway
    pay: WeChatPay

    async def sim(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Call ``/_sim``: an act of a person, or a fault."""
        url = f"{self.base}/_sim/{path}"
        json = body if method == "POST" else None
        async with self.session.request(method, url, json=json) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status < 300, answer
            return answer

    async def person(self, name: str, **facts: Any) -> str:
        """Create a phone; returns its openid."""
        made = await self.sim("phones", id=name, name=name, **facts)
        return str(made["openid"])

    async def follower(self, name: str, **facts: Any) -> str:
        """Create a phone that follows the account; returns its openid."""
        openid = await self.person(name, **facts)
        await self.sim(f"phones/{name}/follow")
        return openid

    async def fault(self, count: int | None = 1, *, match: dict[str, Any], **action: Any) -> None:
        """Arm a fault."""
        await self.sim("faults", match=match, action=action, count=count)

    async def chat(self, name: str, box: str = "chat") -> list[dict[str, Any]]:
        """The messages in a box of a phone."""
        found = await self.sim(f"phones/{name}/{box}", "GET")
        messages: list[dict[str, Any]] = found["messages"]
        return messages

    def url(self, path: str) -> str:
        """The URL of a path of the shop."""
        return f"{self.shop.base}{path}"


async def verify_file(_request: web.Request) -> web.Response:
    """The file by which WeChat's consoles verify a domain."""
    return web.Response(text="verify-1")
