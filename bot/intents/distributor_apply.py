"""How to become a distributor: the same as the command 申请分销."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import apply
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await apply.apply(call)


INTENT = Intent(id="distributor_apply", title="申请分销", reply=_reply)
