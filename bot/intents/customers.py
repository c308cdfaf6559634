"""A distributor's customers: the same as the command 我的客户."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import customers
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await customers.customers(call)


INTENT = Intent(id="customers", title="我的客户", reply=_reply)
