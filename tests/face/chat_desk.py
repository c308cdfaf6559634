"""A conversation for the tests of the webhook: a handler whose answer the test chooses."""

from __future__ import annotations

import asyncio
from typing import Any

import bot.webhook
from bot.router import ANYTHING, Command, Router
from kernel.chat import Reply, TextReply
from tests.face.chat import Chat, cdata
from tests.harness.waiting import PATIENCE


class Desk:
    """A conversation that answers 「测试」 with ``result`` and counts the calls."""

    def __init__(self) -> None:
        self.router = Router("desk")
        self.asked = 0
        self.result: Any = TextReply("好的")
        self.gate: asyncio.Event | None = None
        self.coming = ""
        self.router.on(Command("测试", intent="help", takes=ANYTHING))(self._answer)

    async def _answer(self, call: Any, rest: str) -> Reply | None:
        self.asked += 1
        if self.coming:
            call.promise(self.coming)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result if self.result != "echo" else TextReply(call.typed)


async def settled(chat: Chat, count: int = 1) -> None:
    """Wait until so many customer-service messages were sent."""
    async with asyncio.timeout(PATIENCE):
        while len(chat.messenger.sent) < count:
            await asyncio.sleep(0.005)


def door_of(chat: Chat) -> bot.webhook.Webhook:
    """The webhook object of a started chat."""
    assert chat.client.app is not None
    (handler,) = [r.handler for r in chat.client.app.router.routes() if r.method == "POST"]
    found: bot.webhook.Webhook = handler.__self__  # type: ignore[attr-defined]
    return found


def opened(chat: Chat, xml: str) -> Any:
    """A push as the inbound gateway hands it to the face."""
    encrypt = chat.envelope().encrypt(xml)
    body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    return chat.deps.inbound.open_push(chat.query(encrypt), body)


def text_xml(chat: Chat, content: str, **fields: str) -> str:
    """The XML of a text with a fixed time."""
    return chat.xml(Content=cdata(content), CreateTime="1700000000", **fields)
