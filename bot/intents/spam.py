"""Advertisements of others: refused twice, then left alone."""

from __future__ import annotations

from bot import patience
from bot.call import Call
from bot.intent import Asked, Intent
from kernel.chat import Reply

REFUSED = """
这里只办理本店的酒和订单，不接收推广。
{{ say("招聘与合作", "商务合作") }}　{{ say("商品") }}　{{ say("帮助") }}
"""


async def _reply(call: Call, _: Asked) -> Reply:
    if await patience.times(call, "nothing") > patience.ANSWERED_IN_A_ROW:
        raise patience.Silence
    return call.answer_with(REFUSED)


INTENT = Intent(id="spam", title="推销广告", reply=_reply)
