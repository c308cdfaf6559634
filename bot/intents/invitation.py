"""Why a buyer was invited to recommend: the same as the command 推荐邀请."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import invitation
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await invitation.explain(call)


INTENT = Intent(
    id="invitation",
    title="推荐邀请",
    examples=("为什么邀请我", "为什么收到推荐邀请", "这个邀请是什么意思", "你们邀请我做什么"),
    reply=_reply,
)
