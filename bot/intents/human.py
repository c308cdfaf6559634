"""The wish for a person in free words: handed over as by the command 人工."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import human
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await human.human(call)


INTENT = Intent(id="human", title="找客服", reply=_reply)
