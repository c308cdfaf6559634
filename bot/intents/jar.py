"""Liquor kept in a jar at the distillery: whether the shop does it, and whom to ask.

A product whose name has a jar in it is no jar that is kept: it gets its price, stock or details.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import shelf
from bot.about import product_asked
from bot.call import Call
from bot.intent import Asked, Intent
from bot.intents.price import price_reply
from bot.intents.product_detail import detail_reply
from bot.intents.stock import stock_reply
from domain import pricing, promises
from domain.catalog import ProductCard
from domain.promises import Promises
from kernel.chat import Reply

_KEPT = re.compile("封坛|封|存|寄放|取|窖藏|保管|jar|store")
_IN_JAR = re.compile("(?<!陶)坛|陶坛装")
"""Sold in a jar; 陶坛 alone is where liquor was stored before it was bottled."""
_SHOWN = 3
_TEXT = """
{% if facts.kept %}
封坛请看商品页：
{% set goods = facts.kept %}
{% include "chat/_goods.txt" %}
{% else %}
商城目前没有封坛和代存的服务。
{% if facts.jars %}
坛装的现货：
{% set goods = facts.jars %}
{% include "chat/_goods.txt" %}
{% endif %}
{% endif %}
{% set hours = facts.promised.question_answer_hours %}
以前在酒厂存过的坛，请找客服核对；也可发送「留言 封坛」加上姓名和年份，{{ hours }} 小时内答复。
{{ say("有什么酒") }}　{{ say("人工", "找客服") }}
"""


@dataclass(frozen=True)
class Jars:
    """Goods that are kept in a jar for their buyer, goods in jars, and the promises."""

    kept: tuple[ProductCard, ...]
    jars: tuple[ProductCard, ...]
    promised: Promises


def _jars(_: Asked) -> Jars:
    goods = shelf.goods()
    kept = [each.id for each in goods if each.has("封坛")]
    jars = [
        each.id for each in goods
        if each.is_liquor and _IN_JAR.search(f"{each.words} {each.category}")
    ]  # fmt: skip
    return Jars(
        tuple(pricing.product_cards(kept[:_SHOWN])), tuple(pricing.product_cards(jars[:_SHOWN])),
        promises.current(),
    )  # fmt: skip


def _names_goods(asked: Asked) -> bool:
    return _KEPT.search(asked.words) is None and product_asked(asked) is not None


async def _reply(call: Call, asked: Asked) -> Reply:
    if await call.read(_names_goods, asked):
        if re.search("货|库存|售罄", asked.words):
            return await stock_reply(call, asked)
        if re.search("钱|价|贵|怎么卖", asked.words):
            return await price_reply(call, asked)
        return await detail_reply(call, asked)
    return call.answer_with(_TEXT, facts=await call.read(_jars, asked))


INTENT = Intent(id="jar", title="封坛存酒", reply=_reply)
