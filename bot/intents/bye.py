"""A farewell."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="bye",
    title="再见",
    answer="""
再见，有需要随时再来。
{{ say("商品") }}　{{ say("订单") }}　{{ say("帮助") }}
""",
)
