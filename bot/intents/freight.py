"""The freight: the rule for a region, what the cart lacks to be free, what one product pays."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.about import product_asked
from bot.intent import Asked, Intent
from bot.regions import NOT_SERVED, place_of, place_sent_to, short_province
from domain import cart, members, pricing
from domain.catalog import ProductCard
from domain.members import AddressForm
from domain.pricing import FreightRule
from kernel.web.templates import yuan_whole

_CARRIER = re.compile(
    "顺丰|京东|中通|圆通|韵达|申通|邮政|ems|德邦|什么快递|哪家快递|快递公司|空运"
)
_ON_DELIVERY = re.compile("到付|货到付|到了再付")


@dataclass(frozen=True)
class Freight:
    """What a parcel to a place costs. ``missing_fen`` is what the cart lacks to be free.

    ``home`` is the province of the person's own address, if the question names no place.
    """

    rule: FreightRule
    region: str
    home: str
    is_served: bool
    remote_to: str
    missing_fen: int
    card: ProductCard | None
    wants_carrier: bool
    wants_on_delivery: bool

    @property
    def terms(self) -> str:
        """The rule of a template: 首 1 件 ¥8，每加 1 件 ¥2，满 ¥199 包邮."""
        rule = self.rule
        said = [f"首 {_units(rule, rule.first_units)} ¥{yuan_whole(rule.flat_fen)}"]
        if rule.next_units and rule.next_fen:
            more = _units(rule, rule.next_units)
            said.append(f"每加 {more} ¥{yuan_whole(rule.next_fen)}")
        if rule.free_from_fen:
            said.append(f"满 ¥{yuan_whole(rule.free_from_fen)} 包邮")
        return "，".join(said)

    @property
    def is_free_card(self) -> bool:
        """True if one piece of the product is enough for free freight."""
        enough = self.rule.free_from_fen
        return self.rule.is_free or (
            self.card is not None and enough is not None and self.card.price_fen >= enough
        )


def _units(rule: FreightRule, number: int) -> str:
    if rule.basis == "weight":
        return f"{number / 1000:g} 公斤"
    return f"{number} 件" if rule.basis == "count" else f"¥{yuan_whole(number)}"


def freight(asked: Asked) -> Freight:
    """The freight that is asked about."""
    region = asked.slots.region or place_sent_to(asked.words)
    home = AddressForm("", "", "", "", "", "") if region else _home(asked.member_id)
    place = place_of(region) or home.place
    card = product_asked(asked)
    rule = pricing.freight_rule(place, card.id if card else None)
    quote = cart.view(cart.member_owner(asked.member_id), place or None).quote
    return Freight(
        rule=rule,
        region=region,
        home=short_province(home.province),
        is_served=region not in NOT_SERVED,
        remote_to="、".join(short_province(each) for each in rule.remote_to),
        missing_fen=quote.free_freight_missing_fen,
        card=card,
        wants_carrier=_CARRIER.search(asked.words) is not None,
        wants_on_delivery=_ON_DELIVERY.search(asked.words) is not None,
    )


def _home(member_id: int) -> AddressForm:
    """The address that checkout offers first; empty without one."""
    mine = members.list_addresses(member_id)
    return mine[0].form if mine else AddressForm("", "", "", "", "", "")


INTENT = Intent(
    id="freight",
    title="运费多少",
    facts=freight,
    answer="""
{% set rule = facts.rule %}
{% if not facts.is_served %}
{{ "海外" if facts.region == "海外" else "港澳台地区" }}暂时不能寄，收货地址只能填内地的。
{% else %}
{% set to = "寄" ~ facts.region ~ "：" if facts.region
  else "寄到您的默认地址（" ~ facts.home ~ "）：" if facts.home else "" %}
{% if not rule.is_served %}
{{ to }}暂时不配送{{ "这件商品" if facts.card }}。
{% elif rule.is_free %}
{{ to }}包邮
{%- if rule.extra_fen %}，偏远地区每单加收 ¥{{ rule.extra_fen|yuan_whole }}
{%- endif %}{{ "，不按重量算" if not rule.basis }}。
{% elif rule.basis %}
{{ to }}{{ facts.terms }}。
{% else %}
{{ to }}运费每单 ¥{{ (rule.flat_fen + rule.extra_fen)|yuan_whole -}}
{{ "（含偏远加收 ¥" ~ rule.extra_fen|yuan_whole ~ "）" if rule.extra_fen -}}
{%- if rule.free_from_fen %}，商品满 ¥{{ rule.free_from_fen|yuan_whole }} {{
  "只收 ¥" ~ rule.extra_fen|yuan_whole if rule.extra_fen else "包邮" }}{% endif %}，不按重量算。
{% endif %}
{% if facts.remote_to and not facts.region and not rule.extra_fen %}
{{ facts.remote_to }}每单另加 ¥{{ rule.remote_extra_fen|yuan_whole }}，满额也加。
{% endif %}
{% if rule.basis and rule.is_served and rule.days_to %}
发货后 {{ rule.days_from ~ "–" if rule.days_from and rule.days_from != rule.days_to -}}
{{ rule.days_to }} 天送达。
{% endif %}
{% if rule.basis and not facts.region and rule.elsewhere %}
{{ rule.elsewhere|join("、") }}另有运费，问「寄到」加地名可以查。
{% endif %}
{% if rule.not_to and not facts.region %}
{{ rule.not_to|join("、") }}暂时不配送。
{% endif %}
{% if not rule.is_served %}
{% elif facts.card %}
{{ facts.card.title }} ¥{{ facts.card.price_fen|yuan_whole }}，{{
  "一件要付运费" if not facts.is_free_card
  else "一件只收偏远加收" if rule.extra_fen else "一件就包邮" }}。
{% elif facts.missing_fen %}
您购物车里选中的商品还差 ¥{{ facts.missing_fen|yuan_whole }} 免运费。
{% endif %}
{% if facts.wants_carrier %}
快递公司由仓库安排；要指定快递，请下单前问客服。
{% endif %}
{% if facts.wants_on_delivery %}
运费在下单时一起付，不支持到付。
{% endif %}
{% endif %}
{{ go(paths.CART, "看购物车的运费") }}　{{ say("能送到哪里") }}　{{ say("人工", "找客服") }}
""",
)
