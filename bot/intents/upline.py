"""Whose customer one is: the same as the command 推荐人."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import upline
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await upline.upline(call)


INTENT = Intent(id="upline", title="我的推荐人", reply=_reply)
