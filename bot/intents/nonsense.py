"""Talk without sense: led on twice, then left alone."""

from __future__ import annotations

from bot import patience
from bot.call import Call
from bot.intent import Asked, Intent
from kernel.chat import Reply

LED_ON = """
没有看懂。需要什么请直接说，例如 {{ say("多久发货") }}，或点击：
{{ say("商品") }}　{{ say("订单") }}　{{ say("帮助") }}
"""


async def _reply(call: Call, _: Asked) -> Reply:
    if await patience.times(call, "nothing") > patience.ANSWERED_IN_A_ROW:
        raise patience.Silence
    return call.answer_with(LED_ON)


INTENT = Intent(id="nonsense", title="随便说说", reply=_reply)
