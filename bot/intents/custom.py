"""Liquor with a name, a picture or a logo on it: whether the shop makes it, and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from bot import shelf
from bot.intent import Asked, Intent
from domain import pricing, promises
from domain.catalog import ProductCard
from domain.promises import Promises

_SHOWN = 3


@dataclass(frozen=True)
class Custom:
    """The goods that can be made to order; none if the shop has none."""

    cards: tuple[ProductCard, ...]
    promised: Promises


def _custom(_: Asked) -> Custom:
    ids = [each.id for each in shelf.goods() if each.has("定制") or each.has("刻字")]
    return Custom(tuple(pricing.product_cards(ids[:_SHOWN])), promises.current())


INTENT = Intent(
    id="custom",
    title="定制酒",
    facts=_custom,
    answer="""
{% if facts.cards %}
可以定制的商品：
{% set goods = facts.cards %}
{% include "chat/_goods.txt" %}
要写的字、图案和日期，请下单前与客服确认。
{% else %}
商城目前没有定制酒、刻字和印照片的商品。
{% endif %}
{% set hours = facts.promised.question_answer_hours %}
想做的话发送「留言 定制酒」加上数量、要印的内容和日期，{{ hours }} 小时内答复能不能做。
{{ say("有什么酒", "看现货") }}　{{ say("送礼怎么选") }}　{{ say("人工", "找客服") }}
""",
)
