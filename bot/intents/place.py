"""Where the shop is: its stores, the nearest first, or that there is none."""

from __future__ import annotations

from bot.intent import Intent
from bot.places import stores

INTENT = Intent(
    id="place",
    title="地址在哪",
    facts=stores,
    answer="""
{% if facts.near %}
可以到店自提，免运费{{ "，离您最近的" if facts.count > 1 }}：
{% for each in facts.near %}
{{ each.place.name }}：{{ each.place.address }}，{{ each.place.phone }}（{{ each.now }}）
{% endfor %}
下单时选「到店自提」，备好后凭提货码取货，购酒须年满 18 周岁。
{% for each in facts.waiting %}
订单 {{ each.order_no }} 在{{ each.store }}{{ each.now }}：{{ go(each.path, "提货码") }}
{% endfor %}
{% else %}
{% if company.address %}
联系地址：{{ company.address }}（{{ company.legal_name }}），到访或自提请先联系客服。
{% else %}
地址没有公布，到访或自提请先联系客服。
{% endif %}
这里没有登记门店，商城下单，快递送到家。
{% endif %}
{{ go(paths.HOME, "进入商城") }}　{{ say("客服电话") }}　{{ say("人工", "找客服") }}
""",
)
