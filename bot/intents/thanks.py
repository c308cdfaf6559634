"""Thanks, or a word that all is well."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="thanks",
    title="谢谢",
    answer="""
不客气，有需要随时说。
{{ say("商品") }}　{{ say("订单") }}　{{ say("人工", "找客服") }}
""",
)
