"""Somebody wants their money back: the form for each of their orders, and the cases that run."""

from __future__ import annotations

from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import Shown, asked_about
from bot.refunds import cases_of
from domain import orders, promises

CASES = 2


def _may_be_refunded(one: Shown) -> bool:
    return one.order.state in orders.PAID_STATES


def _facts(asked: Asked) -> dict[str, Any] | None:
    shown = asked_about(asked, "all", fits=_may_be_refunded)
    running = [one for one in cases_of(asked.member_id) if one.case.is_open]
    if not shown and not running:
        return None
    if running:  # what is wholly claimed is among them
        shown = [one for one in shown if one.claim_path]
    return {"promised": promises.current(), "shown": shown, "cases": running[:CASES]}


INTENT = Intent(
    id="refund_apply",
    title="申请退款",
    facts=_facts,
    more=paths.ORDERS,
    answer="""
{% if facts.cases %}
{% set cases = facts.cases %}
已经在处理：
{% include "chat/_cases.txt" %}

{% endif %}
{% for one in facts.shown %}
{% set order = one.order %}
{{ go(paths.order(order.order_no), order.lines[0].title) }} 实付 ¥{{ order.paid_fen|yuan }}
{% if one.claim_path and order.state == "paid" %}
　还没发货，可整单退款：{{ go(one.claim_path, "申请退款") }}
{% elif one.claim_path and order.complete_by_at %}
　{{ order.complete_by_at|when }} 前可退款、退货、换货：{{ go(one.claim_path, "申请") }}
{% elif one.claim_path %}
　可退款、退货、换货：{{ go(one.claim_path, "申请") }}
{% elif order.state in ("awaiting_payment", "closing") %}
　还没付款，不用退款
{% elif order.state == "cancelled" %}
　没有付款，已取消
{% elif order.state == "completed" %}
　交易已完成，过了自助申请的期限；有质量问题请找客服
{% elif order.state == "refunded" %}
　已全部退款
{% else %}
　能退的都已申请
{% endif %}
{% endfor %}

提交后 {{ facts.promised.answer_hours }} 小时内答复，款项原路退回。
{{ say("退款进度") }}　{{ say("退货规则") }}　{{ say("人工", "找客服") }}
""",
    without="""
您还没有可以退款的订单。没付款的订单不用退，到时自动取消。
{{ go(paths.ORDERS, "我的订单") }}　{{ say("退货规则") }}　{{ say("人工", "找客服") }}
""",
)
