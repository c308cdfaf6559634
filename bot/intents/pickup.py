"""Collecting an order at a store: how it goes, the code, and what waits."""

from __future__ import annotations

from bot.intent import Intent
from bot.places import stores

INTENT = Intent(
    id="pickup",
    title="到店自提",
    facts=stores,
    examples=(
        "提货码在哪",
        "我的提货码",
        "取货码是多少",
        "自提码找不到了",
        "怎么到店自提",
        "自提要多久",
        "自提的货备好了吗",
        "可以到店取货吗",
        "到店取货要带什么",
        "自提过期了怎么办",
        "自提没去取会退款吗",
        "别人能帮我去店里取吗",
    ),
    answer="""
{% if facts.waiting %}
{% for each in facts.waiting %}
订单 {{ each.order_no }} 在{{ each.store }}{{ each.now }}：{{ go(each.path, "提货码") }}
{% endfor %}
提货码只有您能看到，请勿提前发给他人；取酒时店员可能核对证件，未成年人不能取。
{% elif facts.near %}
下单时选「到店自提」，免运费；备好后通知您，凭提货码取货，逾期没有取货自动全额退款。
{% set near = facts.near[0] %}
离您最近：{{ near.place.name }}，{{ near.place.address }}（{{ near.now }}）
{% else %}
目前没有自提门店，商城下单，快递送到家。
{% endif %}
{{ go(paths.ORDERS, "我的订单") }}　{{ say("地址在哪") }}　{{ say("人工", "找客服") }}
""",
)
