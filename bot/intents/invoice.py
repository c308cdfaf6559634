"""How to ask for an invoice, for which orders and sums, and what became of an earlier request."""

from __future__ import annotations

from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import asked_about
from domain import orders, promises, service_desk

WORD = "发票"
TICKETS_READ = 10


def _facts(asked: Asked) -> dict[str, Any]:
    paid = asked_about(asked, "all", fits=lambda one: one.order.state in orders.PAID_STATES)
    tickets = service_desk.list_tickets_of_member(asked.member_id, None, TICKETS_READ)
    return {
        "promised": promises.current(),
        "paid": [one.order for one in paid if one.order.state in orders.PAID_STATES],
        "ticket": next((each for each in tickets if WORD in each.text), None),
    }


INTENT = Intent(
    id="invoice",
    title="开发票",
    facts=_facts,
    more=paths.ORDERS,
    answer="""
需要发票，请发送「留言 发票」加上抬头、税号（个人只写姓名）、收票邮箱和订单号，{{
  facts.promised.question_answer_hours }} 小时内答复，开好后在这里通知您。
{% for order in facts.paid %}
{{ order.order_no }}：{{ order.lines[0].title }}，可开 ¥{{
  (order.paid_fen - order.refunded_fen)|yuan }}
{% endfor %}
{% if facts.ticket %}
您上次的发票留言 {{ facts.ticket.ticket_no }}：{{
  "处理中，" ~ (facts.ticket.due_at|when) ~ " 前答复" if facts.ticket.state == "open"
  else "已答复" if facts.ticket.state == "answered" else "已结束" }}，{{ say("工单", "查看") }}
{% endif %}
{{ say("订单", "查订单号") }}　{{ say("人工", "找客服") }}
""",
)
