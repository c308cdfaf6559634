"""An order that goes to the wrong address: until when it can be changed, and by whom."""

from __future__ import annotations

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import Shown, asked_about

OPEN = frozenset({"awaiting_payment", "paid", "partly_shipped", "shipped"})


def _open(asked: Asked) -> list[Shown] | None:
    found = asked_about(asked, "all", fits=lambda one: one.order.state in OPEN)
    return [one for one in found if one.order.state in OPEN] or None


INTENT = Intent(
    id="order_change_address",
    title="改收货地址",
    facts=_open,
    more=paths.ORDERS,
    answer="""
{% for one in facts %}
{% set order = one.order %}
{{ go(paths.order(order.order_no), order.lines[0].title) }}（{{
  "寄往 " ~ order.masked_address if order.masked_address else "礼物，地址由好友填写" }}）
{% if order.state == "awaiting_payment" %}
　还没付款：{{ say("取消订单 " ~ order.order_no, "取消这一单") }}，换地址重新下单即可
{% elif order.state == "paid" %}
　还没发货，订单号 {{ order.order_no }}{% if one.claim_path %}，也可{{
  go(one.claim_path, "退款重拍") }}{% endif +%}
{% else %}
　{{ "部分" if order.state == "partly_shipped" }}已经发出，改不了了；可用单号请快递公司改派
{% for parcel in one.parcels %}
　{{ parcel.company }} {{ parcel.tracking_no }}
{% endfor %}
{% endif %}
{% endfor %}

{% if facts|selectattr("order.state", "equalto", "paid")|list %}
还没发货的请尽快发送「留言 改地址 订单号 新的收货人、电话、地址」，发出后就改不了了。
{% endif %}
以后用的收货地址在这里添加和修改：{{ go(paths.ADDRESSES, "收货地址") }}　{{
  say("人工", "找客服") }}
""",
    without="""
收货地址在这里添加和修改，下单时可以选择：{{ go(paths.ADDRESSES, "收货地址") }}
您现在没有还能改地址的订单；用别的微信下的单，请{{ say("人工", "找客服") }}。
""",
)
