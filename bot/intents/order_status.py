"""What became of an order: the same answer as the command 订单."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import orders
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, asked: Asked) -> Reply:
    return await orders.orders(call, asked.words)


INTENT = Intent(id="order_status", title="我的订单", reply=_reply)
