"""Abuse: answered calmly, and with a person when it comes again."""

from __future__ import annotations

from bot import patience
from bot.call import Call
from bot.intent import Asked, Intent
from kernel.chat import Reply

CALM = """
抱歉让您不愉快了。请告诉我是哪件事，我来查：
{{ say("订单") }}　{{ say("物流") }}　{{ say("投诉") }}
"""
A_PERSON = """
抱歉，自动回复没能帮到您，请让客服来处理。
{{ say("人工", "找客服") }}　{{ say("投诉") }}
"""


async def _reply(call: Call, _: Asked) -> Reply:
    is_again = await patience.times(call, "insult") > 1
    return call.answer_with(A_PERSON if is_again else CALM)


INTENT = Intent(id="insult", title="对服务不满意", reply=_reply)
