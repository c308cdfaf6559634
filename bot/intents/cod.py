"""Paying on delivery: not offered, and what protects the buyer instead."""

from __future__ import annotations

from bot.intent import Intent, promised

INTENT = Intent(
    id="cod",
    title="货到付款",
    facts=promised,
    answer="""
不支持货到付款，下单后用微信支付付款。
您可以放心：没发货随时能申请退款，款项原路退回；签收后 {{
  facts.free_return_days }} 天内可无理由退货{{ "；破损包赔" if facts.covers_breakage }}。
{{ say("怎么付款") }}　{{ say("退货规则") }}　{{ say("人工", "找客服") }}
""",
)
