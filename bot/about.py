"""Which product a question is about: the one that its words name, else the one spoken of."""

from __future__ import annotations

from bot import shelf
from bot.call import Call
from bot.intent import Asked
from bot.understanding.slots import Slots
from bot.words import wish_of
from domain import catalog, pricing
from domain.catalog import ProductCard, ProductPage, Wish
from kernel.chat import Reply

SHOWN = 8
# Parts of names that say nothing about which product is meant.
TOO_COMMON = frozenset({"白酒", "好酒", "酒水", "单瓶", "整箱", "套装", "瓶装"})

_WHICH = """
{{ first }}
您问的是哪一款？点一下就回答您：
{% for card in cards %}
{{ say(card.title ~ ending, card.title) }}{{ "（" ~ card.strength ~ "）" if card.strength }}
{% endfor %}

{{ go(paths.HOME, "看全部商品") }}　{{ say("人工", "找客服") }}
"""
_EMPTY = """
商城正在上新，还没有可买的商品。
{{ go(paths.HOME, "进入商城") }}　{{ say("人工", "问问客服") }}
"""


def product_asked(asked: Asked) -> ProductCard | None:
    """The product that a question is about; None if it names none, or several equally."""
    found = products_named(asked)
    return found[0] if len(found) == 1 else None


def products_named(asked: Asked) -> list[ProductCard]:
    """The products that a question names, those it names most of; the only one needs no name."""
    goods = shelf.goods()
    ids = catalog.goods_named(asked.words, goods, TOO_COMMON)
    if len(goods) == 1:
        ids = [goods[0].id]
    if ids:
        return pricing.product_cards(ids[: SHOWN + 1])
    wanted = wish_of(asked.words)
    if len(wanted) > 1 and (found := pricing.search(wanted, SHOWN + 1)):
        return found
    described = _described(asked.slots)
    if not described and asked.product_id is not None:
        return pricing.product_cards([asked.product_id])
    return described


def page_asked(asked: Asked) -> ProductPage | None:
    """The page of the product that a question is about, or None."""
    card = product_asked(asked)
    return None if card is None else pricing.product_page(card.id)


def candidates(asked: Asked) -> list[ProductCard]:
    """The products among which a person may choose: those named, else the first of the shelf."""
    return products_named(asked)[:SHOWN] or shelf.first_cards(SHOWN)


async def which_product(call: Call, asked: Asked, ending: str, first: str = "") -> Reply:
    """Asks which product is meant; a tap sends its name with ``ending``, such as 还有货吗.

    ``first`` is what can be said of every product.
    """
    cards = await call.read(candidates, asked)
    if not cards:
        return call.answer_with(_EMPTY)
    return call.answer_with(_WHICH, cards=cards, ending=ending, first=first)


def _described(slots: Slots) -> list[ProductCard]:
    """The products with the strength and aroma that were named; none if neither was."""
    if slots.strength is None and not slots.aroma:
        return []
    found = pricing.wished(Wish(strength=slots.strength, aroma=slots.aroma), SHOWN + 1)
    return list(found.cards) if found.is_exact else []
