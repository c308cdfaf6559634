"""Coins (酒币): the shop has none yet, said plainly."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="coins",
    title="我的酒币",
    answer="""
本店目前没有酒币，不能充值、赠送或抵扣。有人以本店名义卖酒币、让您充值的，请先别付款，找客服核实。
{{ say("有什么优惠") }}　{{ go(paths.ORDERS, "我的订单") }}　{{ say("人工", "找客服") }}
""",
)
