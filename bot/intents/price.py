"""What a product costs now, with its offer and freight; without a product, the price list.

With a quantity the sum is that of the order page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.about import SHOWN, candidates, page_asked
from bot.call import Call
from bot.intent import Asked, Intent
from bot.regions import place_of
from domain import catalog, pricing
from domain.catalog import PriceStep, ProductPage, SkuView
from domain.pricing import FreightRule, Quote
from kernel.chat import Reply

PIECES_MOST = 9999
_CHANGED = re.compile("涨|降|贵了|变了|比昨天|比前|比上|上次|上个月|以前|之前|原价")

_ONE = """
{{ facts.page.title }}{{ " " ~ facts.page.strength if facts.page.strength }}
{% for sku in facts.page.skus %}
{{ sku.spec_text or "标准" }} ¥{{ sku.price_fen|yuan_whole }}
{%- if sku.until and sku.label %}（{{ sku.label }}，至 {{ sku.until|when }}）{% endif -%}
{{ "，划线价 ¥" ~ sku.strike_fen|yuan_whole if sku.strike_fen }}{{ "（售罄）" if sku.is_sold_out }}
{% endfor %}
{% if facts.steps %}
标价 ¥{{ facts.steps[-1].price_fen|yuan_whole }} 从 {{ facts.steps[-1].from_at|day }} 起
{%- if facts.steps[0].price_fen < facts.steps[-1].price_fen -%}
，之前 ¥{{ facts.steps[0].price_fen|yuan_whole }}
{%- elif facts.steps[0].price_fen > facts.steps[-1].price_fen %}，比之前低{% endif %}。
{% endif %}
{% if facts.quote and facts.quote.undelivered %}
{{ facts.region }}暂时不配送这件商品。
{% elif facts.quote %}
买 {{ facts.pieces }} 件{{ "（" ~ facts.sku.spec_text ~ "）" if facts.sku.spec_text -}}
应付 ¥{{ facts.quote.payable_fen|yuan_whole }}，{{
  "其中运费 ¥" ~ facts.quote.freight_fen|yuan_whole if facts.quote.freight_fen
  else "包邮" if facts.region or not facts.rule.remote_to else "包邮（偏远地区另加运费）" }}。
{% elif not facts.rule.is_served %}
{{ facts.region }}暂时不配送这件商品。
{% elif facts.rule.is_free %}
包邮{{ "，偏远地区另加运费" if facts.rule.remote_to }}。
{% elif facts.rule.basis %}
运费 ¥{{ facts.rule.flat_fen|yuan_whole }} 起
{%- if facts.rule.free_from_fen %}，满 ¥{{ facts.rule.free_from_fen|yuan_whole }} 包邮{% endif %}。
{% else %}
运费每单 ¥{{ facts.rule.flat_fen|yuan_whole }}
{%- if facts.rule.free_from_fen %}，满 ¥{{ facts.rule.free_from_fen|yuan_whole }} 包邮{% endif %}。
{% endif %}
{% if facts.rule.extra_fen and not facts.quote %}
寄{{ facts.region }}每单另加 ¥{{ facts.rule.extra_fen|yuan_whole }}。
{% endif %}
{{ go(paths.product(facts.page.id), "去看看") }}　{{ say("有什么优惠") }}　{{ say("运费多少") }}
"""
_LIST = """
在售的价格，以提交订单时为准：
{% set goods = facts %}
{% include "chat/_goods.txt" %}

{{ go(paths.HOME, "看全部商品") }}　{{ say("有什么优惠") }}　{{ say("运费多少") }}
"""


@dataclass(frozen=True)
class Price:
    """A product with its prices, the freight rule, and the sum of so many pieces."""

    page: ProductPage
    rule: FreightRule
    pieces: int = 0
    sku: SkuView | None = None
    quote: Quote | None = None
    region: str = ""
    steps: tuple[PriceStep, ...] = ()
    """The last two prices of the first specification, if the question is about a change."""


def _price(asked: Asked) -> Price | None:
    page = page_asked(asked)
    if page is None:
        return None
    region = asked.slots.region
    place = place_of(region)
    rule = pricing.freight_rule(place, page.id)
    pieces = asked.slots.quantity or 0
    steps = _steps(page.skus[0].id) if _CHANGED.search(asked.words) else ()
    sku = next((each for each in page.skus if not each.is_sold_out), None)
    if sku is None or not 1 < pieces <= PIECES_MOST:
        return Price(page, rule, region=region, steps=steps)
    line = catalog.sku_lines([sku.id])[sku.id]
    quote = pricing.quote_goods([(line, pieces)], place or None, asked.member_id)
    return Price(page, rule, pieces, sku, quote, region, steps)


def _steps(sku_id: int) -> tuple[PriceStep, ...]:
    return tuple(catalog.price_histories([sku_id]).get(sku_id, [])[-2:])


async def price_reply(call: Call, asked: Asked) -> Reply:
    """The price of the product that is asked about, else the price list."""
    price = await call.read(_price, asked)
    if price is not None:
        call.about = price.page.id
        return call.answer_with(_ONE, facts=price)
    cards = await call.read(candidates, asked)
    if not cards:
        return call.answer("product_none.txt", words="")
    return call.answer_with(_LIST, facts=cards[:SHOWN])


INTENT = Intent(id="price", title="多少钱", reply=price_reply)
