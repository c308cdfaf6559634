"""Somebody suspects a fake: a number and a time limit, what to keep, a case, and a person."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.purchases import SENT, Shown, asked_about
from bot.tickets import is_guess, line_of, noted
from kernel.chat import Reply

ANSWER = """
{% if words %}
您是怀疑买到的酒有问题吗？是的话请点：{{ say("投诉 " ~ words, "登记并由专人答复") }}
{% elif ticket %}
我们非常重视，已登记，编号 {{ ticket.ticket_no }}，{{ ticket.due_at|when }} 前由专人答复。
{% else %}
我们非常重视。您还有几条在处理，这次没有另记编号，请直接找客服。
{% endif %}
请先别再喝、别扔，保留酒和外箱，拍下瓶身、瓶盖、封口、批号和防伪标识；喝后身体不适请尽快就医。
{% for one in shown if one.claim_path %}
{{ go(one.claim_path, "申请退货退款") }} {{ one.order.lines[0].title }}（选质量问题，附照片）
{% else %}
在本店买的，可在{{ go(paths.ORDERS, "订单") }}里申请退货退款并附照片；别处买的，请发照片给客服。
{% endfor %}
{{ say("人工", "找客服") }}{{ "　电话 " ~ company.complaint_phone if company.complaint_phone }}　{{
  say("工单", "处理进度") }}　{{ say("怎么验真伪") }}
"""


def _sent(asked: Asked) -> list[Shown]:
    return asked_about(asked, "all", fits=lambda one: one.order.state in SENT)


async def _reply(call: Call, asked: Asked) -> Reply:
    shown = await call.read(_sent, asked)
    order_no = shown[0].order.order_no if len(shown) == 1 else None
    if is_guess(call, "fake_suspected"):
        words, ticket = line_of(call), None
    else:
        words, ticket = "", await noted(call, "complaint", order_no=order_no)
    return call.answer_with(ANSWER, more=paths.ORDERS, words=words, ticket=ticket, shown=shown)


INTENT = Intent(id="fake_suspected", title="怀疑是假酒", reply=_reply)
