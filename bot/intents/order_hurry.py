"""Somebody waits for their order: a ticket about it notes that; when it leaves at the latest.

Asked again, it is the same ticket.
"""

from __future__ import annotations

from bot.call import Call
from bot.intent import Asked, Intent
from bot.purchases import asked_about
from bot.tickets import noted
from kernel.chat import Reply

TOPIC = "催发货"

ANSWER = """
{% if ticket %}
已为您记下催单，编号 {{ ticket.ticket_no }}，{{ ticket.due_at|when }} 前在这里答复您。
{% else %}
您的催促我们看到了；您还有几条留言在处理，这次没有另记编号。
{% endif %}
{% include "chat/_orders.txt" %}

{% if late %}
已超过承诺的发货时间，非常抱歉；不想等了可以{{
  go(late.claim_path, "申请退款") if late.claim_path else say("申请退款") }}。
{% endif %}
{{ say("工单", "处理进度") }}　{{ say("人工", "找客服") }}
"""
NOTHING_WAITS = """
{% if shown %}
{% include "chat/_orders.txt" %}

{% if shown[0].parcels %}
已经发出，送达快慢可用单号请快递公司加急。
{% endif %}
{% else %}
您没有等待发货的订单。
{% endif %}
{{ go(paths.ORDERS, "全部订单") }}　{{ say("人工", "找客服") }}
"""


async def _reply(call: Call, asked: Asked) -> Reply:
    shown = await call.read(asked_about, asked, "to_ship", "to_pay", "to_receive")
    waiting = [one for one in shown if one.ship_by_at is not None and not one.order.is_refunding]
    if not waiting:
        return call.answer_with(NOTHING_WAITS, shown=shown)
    longest = waiting[-1].order.order_no
    ticket = await noted(call, "question", order_no=longest, topic=TOPIC)
    late = next((one for one in waiting if one.is_late), None)
    return call.answer_with(ANSWER, ticket=ticket, shown=waiting, late=late)


INTENT = Intent(id="order_hurry", title="催发货", reply=_reply)
