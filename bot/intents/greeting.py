"""A greeting, or a message of signs only: three taps for a shopper, three for a distributor."""

from __future__ import annotations

from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import is_selling
from kernel.chat import Reply

GREETING = """
您好！需要什么请直接说，或点击：
{% if is_selling %}
{{ say("海报") }}　{{ say("佣金") }}　{{ say("帮助", "全部功能") }}
{% else %}
{{ say("商品") }}　{{ say("订单") }}　{{ say("人工", "找客服") }}
{% endif %}
"""


async def _reply(call: Call, _: Asked) -> Reply:
    return call.answer_with(GREETING, is_selling=await is_selling(call))


INTENT = Intent(id="greeting", title="你好", reply=_reply)
