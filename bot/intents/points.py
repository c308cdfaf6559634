"""Points: the shop has none yet, said plainly."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="points",
    title="我的积分",
    answer="""
本店目前没有积分：买酒不积分，也没有积分可查、可兑换或过期。
优惠直接算在价格里，人人一样。
{{ say("有什么优惠") }}　{{ go(paths.ORDERS, "我的订单") }}　{{ say("人工", "找客服") }}
""",
)
