"""Where delivery addresses are kept, and what can be changed of an order under way."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="address",
    words=("地址",),
    answer="""
收货地址在这里添加和修改：{{ go(paths.ADDRESSES, "收货地址") }}
已下单的要改地址，请尽快联系 {{ say("人工", "客服") }}，发出后就改不了了。
""",
)
