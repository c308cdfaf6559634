"""When an order is shipped: the promise, and the person's orders that wait, with their dates."""

from __future__ import annotations

from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import asked_about
from domain import promises


def _facts(asked: Asked) -> dict[str, Any]:
    return {
        "promised": promises.current(),
        "shown": asked_about(asked, "to_ship", "to_receive"),
    }


INTENT = Intent(
    id="dispatch",
    title="多久发货",
    facts=_facts,
    more=paths.ORDERS,
    answer="""
付款后 {{ facts.promised.ship_within_hours }} 小时内发货，发出后在这里通知您快递公司和单号。
{% if facts.shown %}
{% set shown = facts.shown %}
{% include "chat/_orders.txt" %}

{{ say("催发货") }}　{{ go(paths.ORDERS, "全部订单") }}　{{ say("人工", "找客服") }}
{% else %}
{{ say("订单") }}　{{ say("物流") }}　{{ say("人工", "找客服") }}
{% endif %}
""",
)
