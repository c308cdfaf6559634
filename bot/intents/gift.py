"""A gift: the goods that suit one, and what can be asked for with the order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import shelf
from bot.intent import Asked, Intent
from domain import gifts, pricing
from domain.catalog import ProductCard, Wish
from domain.gifts import Waiting

_WORDS = ("送礼", "礼盒", "礼")
_HOW = re.compile("卡|写|匿名|价格|单子|清单|包装|包一|袋|丝带|寄|地址|附|放")
_SHOWN = 4


@dataclass(frozen=True)
class Gifts:
    """Goods for a gift; without ``is_made_for_it`` simply goods on the shelf.

    ``asks_how``: the question is about wrapping, card or address, which is answered first.
    ``waiting`` are gifts of the person that nobody has taken yet; ``days`` is how long they wait.
    """

    cards: tuple[ProductCard, ...]
    is_made_for_it: bool
    asks_how: bool
    waiting: tuple[Waiting, ...] = ()
    days: int = 7


def _gifts(asked: Asked) -> Gifts:
    slots = asked.slots
    made = [each.id for each in shelf.goods() if any(map(each.has, _WORDS))]
    wish = Wish(
        price_from_fen=slots.price_from_fen, price_to_fen=slots.price_to_fen,
        strength=slots.strength, aroma=slots.aroma, about=_WORDS, among=frozenset(made),
    )  # fmt: skip
    asks_how = _HOW.search(asked.words) is not None
    return Gifts(
        pricing.wished(wish, _SHOWN).cards, is_made_for_it=bool(made), asks_how=asks_how,
        waiting=tuple(gifts.list_waiting_of(asked.member_id, 3)), days=gifts.days_to_accept(),
    )  # fmt: skip


INTENT = Intent(
    id="gift",
    title="送礼怎么选",
    facts=_gifts,
    answer="""
{% set how %}
收货地址可以直接填对方的。贺卡的话、不放价格单、晚几天发等要求，写在下单页的「给商家留言」里；
不知道地址，点商品页的「送礼」：付款后发给好友，好友自己填地址，看不到价格，{{
  facts.days }} 天没人领取全额退款。
包装里有什么以商品页为准，拿不准的先问客服。
{% endset %}
{% for each in facts.waiting %}
{{ "您有礼物等好友领取：" if loop.first }}
{{ go(paths.gift(each.order_no), each.title) }} {{ each.expires_at|when }} 到期退款
{% endfor %}
{{ how|trim if facts.asks_how }}
{% if facts.cards %}
{{ "适合送礼的" if facts.is_made_for_it else "目前没有礼盒装，在售的有" }}：
{% set goods = facts.cards %}
{% include "chat/_goods.txt" %}
{% endif %}
{{ how|trim if not facts.asks_how }}
{{ go(paths.HOME, "去选礼") }}　{{ say("有什么酒") }}　{{ say("人工", "找客服") }}
""",
)
