"""Where the shop is. It has no shops in the street; what is bought is sent."""

from __future__ import annotations

from bot.intent import Intent

INTENT = Intent(
    id="place",
    title="地址在哪",
    answer="""
{% if company.address %}
联系地址：{{ company.address }}（{{ company.legal_name }}），到访或自提请先联系客服。
{% else %}
地址没有公布，到访或自提请先联系客服。
{% endif %}
这里没有登记门店，商城下单，快递送到家。
{{ go(paths.HOME, "进入商城") }}　{{ say("客服电话") }}　{{ say("人工", "找客服") }}
""",
)
