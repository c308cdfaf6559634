"""A parcel that is said to be delivered and is not there: what to do, claim, and a person."""

from __future__ import annotations

from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import SENT, asked_about
from domain import promises


def _facts(asked: Asked) -> dict[str, Any] | None:
    shown = asked_about(asked, "to_receive", "all", fits=lambda one: one.order.state in SENT)
    return {"promised": promises.current(), "shown": shown} if shown else None


INTENT = Intent(
    id="not_received",
    title="没收到货",
    facts=_facts,
    more=paths.ORDERS,
    answer="""
让您担心了。请先问问家人、门卫、驿站，再用单号请快递公司核对签收人和签收照片：
{% set shown = facts.shown %}
{% include "chat/_orders.txt" %}

{% set one = shown[0] %}
{% set claim = go(one.claim_path, "申请退款") if one.claim_path else say("申请退款") %}
没找到就交给我们：{{ claim }}（{{ facts.promised.answer_hours }} 小时内答复）　{{
  say("留言 没收到货 " ~ one.order.order_no, "请客服核实") }}
没收到之前请先不要确认收货。{{ say("人工", "找客服") }}
""",
    without="""
您没有已经发出的订单。用别的微信下的单，请把订单号或快递单号发给客服核实。
{{ go(paths.ORDERS, "全部订单") }}　{{ say("多久发货") }}　{{ say("人工", "找客服") }}
""",
)
