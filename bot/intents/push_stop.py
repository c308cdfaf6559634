"""The wish for no more promotions in free words: stopped as by 退订, at once.

A sentence that may be about an order ('退订单') stops nothing: it gets the word as a tap. Who has
stopped them before and complains is told since when, and where to report what still comes.
"""

from __future__ import annotations

from bot.call import Call
from bot.handlers import push_stop
from bot.intent import Asked, Intent
from domain import members
from kernel.chat import Reply

PLAIN = 0.8
"""The score from which a sentence is taken at its word."""

WHICH = """
不想再收到促销消息，请点击 {{ say("退订") }}；退货退款请看订单。
{{ say("订单") }}　{{ say("人工", "找客服") }}
"""
STOPPED_BEFORE = """
您已在 {{ since|day }} 退订，促销消息不会再发。
订单、退款和佣金的通知还会收到；仍收到促销的话，请告诉客服，我们来查。
{{ say("人工", "找客服") }}　{{ say("投诉") }}　{{ go(paths.CONSENTS, "授权管理") }}
"""


async def _reply(call: Call, asked: Asked) -> Reply:
    if call.meaning.score < PLAIN:
        return call.answer_with(WHICH)
    member = await call.read(members.member_detail, asked.member_id)
    if member.push_stopped_at is not None:
        return call.answer_with(STOPPED_BEFORE, since=member.push_stopped_at)
    return await push_stop.stop(call)


INTENT = Intent(id="push_stop", title="停止推送消息", reply=_reply)
