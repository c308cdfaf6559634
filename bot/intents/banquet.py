"""Liquor for a banquet: how many bottles for so many tables, which goods, how to order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.intent import Asked, Intent
from bot.understanding.slots import slots_of
from domain import pricing, promises
from domain.catalog import ProductCard, Wish
from domain.promises import Promises

_NUMBER = r"([0-9]{1,3}|[一二两三四五六七八九十百]{1,5})"
_TABLES = re.compile(rf"{_NUMBER}\s*来?多?(?:桌|围|席|台)")
_EACH = re.compile(rf"(?:一|每)(?:桌|围|席|台)(?:放|上|摆|要)?{_NUMBER}瓶")
_ONE_TABLE = re.compile(r"(?:一|每)(?:桌|围|席|台)")
BOTTLES_A_TABLE = 2
"""What is reckoned with, and said so, if the sentence names no figure."""
_SHOWN = 3


@dataclass(frozen=True)
class Banquet:
    """A banquet: tables (0: not said), bottles a table, goods for it, and the promises."""

    tables: int
    each: int
    cards: tuple[ProductCard, ...]
    promised: Promises

    @property
    def bottles(self) -> int:
        """Bottles for all tables."""
        return self.tables * self.each


def _banquet(asked: Asked) -> Banquet:
    slots = asked.slots
    each = _EACH.search(asked.words)
    tables = _TABLES.search(_ONE_TABLE.sub("", _EACH.sub("", asked.words)))
    wish = Wish(
        price_from_fen=slots.price_from_fen, price_to_fen=slots.price_to_fen,
        strength=slots.strength, aroma=slots.aroma, about=("婚", "宴", "喜"),
    )  # fmt: skip
    return Banquet(
        tables=_count(tables[1]) if tables else 0,
        each=_count(each[1]) if each else BOTTLES_A_TABLE,
        cards=pricing.wished(wish, _SHOWN).cards,
        promised=promises.current(),
    )


def _count(text: str) -> int:
    """A count as the slots read it: '八' → 8."""
    return slots_of(f"{text}瓶").quantity or 0


INTENT = Intent(
    id="banquet",
    title="婚宴用酒",
    facts=_banquet,
    answer="""
{% if facts.tables %}
{{ facts.tables }} 桌，按每桌 {{ facts.each }} 瓶算是 {{ facts.bottles }} 瓶，可按客人增减。
{% endif %}
没有专门的宴席套餐，按商品页的价格买：
{% set goods = facts.cards %}
{% include "chat/_goods.txt" %}
多出来的，封口完好可在签收次日起 {{ facts.promised.free_return_days }} 日内退，寄回运费自付。
{% set hours = facts.promised.question_answer_hours %}
量大可发送「留言 宴席用酒」加上桌数、日期和地区，{{ hours }} 小时内答复。
{{ go(paths.HOME, "去选酒") }}　{{ say("团购批发") }}　{{ say("人工", "找客服") }}
""",
)
