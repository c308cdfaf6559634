"""A distributor's link, to the product that the sentence names or to the mall."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import link
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, asked: Asked) -> Reply:
    return await link.link_in_words(call, asked.words)


INTENT = Intent(id="link", title="推广链接", reply=_reply)
