"""A parcel is damaged, wrong or incomplete: where to claim, with a photo."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="trouble",
    weight=30,
    words=(
        "碎了", "破了", "破损", "打碎", "漏酒", "漏液", "漏了", "坏了",
        "少发", "漏发", "发错", "没收到",
    ),
    answer="""
很抱歉给您添麻烦了。请打开订单点「申请售后」，可附照片，也可只退一部分：
{{ go(paths.ORDERS, "我的订单") }}　{{ say("人工", "找客服") }}
""",
)  # fmt: skip
