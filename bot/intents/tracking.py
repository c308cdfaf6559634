"""Where a parcel is: carrier and number, the same answer as the command 物流."""

from __future__ import annotations

from bot import purchases
from bot.call import Call
from bot.handlers import orders
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, asked: Asked) -> Reply:
    one = await call.read(purchases.named, asked)
    return orders.tracked(call, [one]) if one is not None else await orders.parcels(call)


INTENT = Intent(id="tracking", title="快递到哪了", reply=_reply)
