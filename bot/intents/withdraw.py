"""A withdrawal: the same as the command 提现."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import withdraw
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await withdraw.withdraw(call)


INTENT = Intent(id="withdraw", title="我要提现", reply=_reply)
