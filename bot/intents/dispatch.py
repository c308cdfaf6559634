"""When an order is shipped."""

from __future__ import annotations

from bot.intent import Intent
from domain import promises

INTENT = Intent(
    id="dispatch",
    weight=10,
    facts=lambda _: promises.current(),
    words=("多久发", "几天发", "何时发", "什么时候发", "几时发", "发货时间"),
    answer="""
付款后 {{ facts.ship_within_hours }} 小时内发货，发出后在这里通知您快递单号。
{{ say("订单") }}　{{ say("物流") }}　{{ say("人工", "找客服") }}
""",
)
