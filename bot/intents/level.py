"""Levels of members: the shop has none yet, said plainly."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="level",
    title="会员等级",
    answer="""
本店目前没有会员等级：不用升级、保级，也不收会费，每位顾客的价格和服务一样。
{{ say("有什么优惠") }}　{{ go(paths.ORDERS, "我的订单") }}　{{ say("人工", "找客服") }}
""",
)
