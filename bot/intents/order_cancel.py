"""How an order is cancelled in its state: the same answer as the command 取消订单.

A sentence cancels nothing: an unpaid order is cancelled by the tap that the answer offers.
"""

from __future__ import annotations

from bot import purchases
from bot.call import Call
from bot.handlers import orders
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, asked: Asked) -> Reply:
    one = await call.read(purchases.named, asked)
    return orders.cancellable(call, [one]) if one is not None else await orders.cancel(call)


INTENT = Intent(id="order_cancel", title="取消订单", reply=_reply)
