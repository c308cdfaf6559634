"""Whether the shop ships to a place: yes, with a surcharge, or no."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.intent import Asked, Intent
from bot.intents.freight import Freight, freight
from domain import logistics

_TO_THE_DOOR = re.compile("上门|上楼|前台|驿站|学校|宿舍|公司|酒店|机场|部队|楼上|门卫|hotel|小区")
_BY_HAND = re.compile("自提|自取|跑腿|同城|当天送|闪送|骑手|外卖")


@dataclass(frozen=True)
class Area:
    """A place with its freight, and what else is asked about the delivery."""

    freight: Freight
    to_the_door: bool
    by_hand: bool
    has_stores: bool


def _area(asked: Asked) -> Area:
    return Area(
        freight(asked),
        to_the_door=_TO_THE_DOOR.search(asked.words) is not None,
        by_hand=_BY_HAND.search(asked.words) is not None,
        has_stores=bool(logistics.list_places(open_only=True)),
    )


INTENT = Intent(
    id="delivery_area",
    title="能送到哪里",
    facts=_area,
    answer="""
{% set found = facts.freight %}
{% if found.region and not found.is_served %}
抱歉，{{ "海外" if found.region == "海外" else "港澳台地区" }}暂时不能寄，收货地址只能填内地的；
可以寄给内地的亲友。
{% elif found.region and not found.rule.is_served %}
抱歉，{{ found.region }}暂时不配送{{ "这件商品" if found.card }}，可以寄给其他地区的亲友。
{% elif found.region %}
{{ found.region }}可以送
{%- if found.rule.days_to %}，发货后 {{ found.rule.days_to }} 天内送达{% endif -%}
{%- if found.rule.extra_fen %}，偏远地区每单加收运费 ¥{{ found.rule.extra_fen|yuan_whole }}
{%- endif %}。
{% else %}
{{ "除" ~ found.rule.not_to|join("、") ~ "外，" if found.rule.not_to }}内地各地都可以送
{%- if found.remote_to %}，{{ found.remote_to }}每单加收运费
{{- " ¥" ~ found.rule.remote_extra_fen|yuan_whole }}
{%- endif %}；港澳台和海外暂时不能寄。
{% endif %}
{% if facts.by_hand %}
{{ "可以到店自提，免运费：下单时选「到店自提」；没有同城跑腿。" if facts.has_stores
  else "目前都用快递寄，没有门店自提和同城跑腿。" }}
{% endif %}
{% if facts.to_the_door %}
按您填的地址派送，能否上楼或放驿站由当地快递决定，可在下单页「给商家留言」写明。
{% endif %}
{% if found.is_served %}
送达时可能核对年龄，未成年人不能代收。
{% endif %}
{{ go(paths.ADDRESSES, "填收货地址") }}　{{ say("运费多少") }}　{{ say("人工", "找客服") }}
""",
)
