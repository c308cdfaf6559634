"""A wish for a product: its name, a kind, a price, a strength, an occasion; the best first.

A name in the sentence wins over a wish. What the shop does not sell is said before what it sells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot import shelf
from bot.about import SHOWN, TOO_COMMON
from bot.call import Call
from bot.cards import chosen_reply, product_reply
from bot.intent import Asked, Intent
from bot.speech import shown
from bot.understanding.slots import Slots
from bot.words import wish_of
from domain import catalog, pricing
from domain.catalog import Wish, WishOrder
from domain.pricing import Wished
from kernel.chat import Reply
from kernel.money import yuan

_ORDERS: dict[WishOrder, tuple[re.Pattern[str], str]] = {
    "most_sold": (
        re.compile("卖[得的]?最?[好多火]|畅销|热销|爆款|人气|销量|都买"),
        "卖得多的在前",
    ),
    "cheapest": (re.compile("便宜|实惠|性价比|划算|口粮|预算低|cheap"), "价格从低到高"),
    "dearest": (re.compile("最贵|高档|高端|上档次|贵一?点|拿得出手|最好的"), "价格从高到低"),
    "mildest": (
        re.compile("低度|度数低|度数小|不辣|柔和|温和|不要太烈|不烈|不冲|mild|not too strong"),
        "度数从低到高",
    ),
    "strongest": (re.compile("高度|度数高|够劲|烈一?点"), "度数从高到低"),
}
_OCCASIONS = {
    "wedding": ("婚宴", ("婚", "宴", "喜")),
    "banquet": ("宴席", ("宴", "聚")),
    "gift": ("送礼", ("送礼", "礼盒", "礼")),
    "own": ("自己喝", ("自饮", "口粮")),
}
# "原浆有没有卖", "有没有原浆": what is asked for by a name that no product has.
_THING = r"([^,，。!！?？ ]{2,8}?)(?:的?酒)?"
_END = r"(?:卖|吗|呢|啊)*$"
_ASKED_FOR = (
    re.compile(rf"^(?:请问|你们|你家|还|这里)*(?:有没有|有木有|有无){_THING}{_END}"),
    re.compile(rf"^{_THING}(?:有吗|有没有|有木有|有不|有卖|卖吗|卖不卖){_END}"),
)
_NO_NAME = re.compile(
    "^(?:酒|白酒|好酒|货|现货)$|的$|什么|推荐|便宜|适合|好喝|低度|高度|礼|送|这|那|好[一点]"
)
# What people ask any shop for; said plainly if this one has none.
_ELSEWHERE = re.compile(
    r"(?:有没有|有木有|有无|有|卖|买|来|要|找)[^,，。!！?？]{0,4}?"
    r"(茅台|飞天|五粮液|泸州老窖|国窖|剑南春|汾酒|郎酒|洋河|梦之蓝|习酒|舍得|水井坊|古井贡|牛栏山|江小白"
    r"|红酒|葡萄酒|啤酒|洋酒|威士忌|白兰地|黄酒|米酒|果酒|药酒|清酒|香烟|饮料)"
)


def _named(asked: Asked, wanted: str) -> frozenset[int]:
    """Ids of the products that the sentence names, in their title or in what they say."""
    goods = shelf.goods()
    ids = catalog.goods_named(asked.words, goods, TOO_COMMON)
    if not ids and len(wanted) > 1:
        ids = [card.id for card in pricing.search(wanted, SHOWN + 1)]
    return frozenset(ids)


def _asked_for(asked: Asked) -> str:
    """What is asked for by a name: '有没有原浆卖' → '原浆'; "" if no name is used."""
    if asked.slots.named():
        return ""
    words = asked.words.replace(" ", "")
    found = next((found[1] for each in _ASKED_FOR if (found := each.search(words))), "")
    return "" if _NO_NAME.search(found) else found


def _elsewhere(asked: Asked) -> str:
    """A brand or kind of other shops that is asked for and no product has; "" if there is none."""
    found = _ELSEWHERE.search(asked.words)
    return "" if found is None or pricing.search(found[1], 1) else found[1]


def _wish(asked: Asked) -> Wish:
    slots = asked.slots
    order: WishOrder = next(
        (name for name, (words, _) in _ORDERS.items() if words.search(asked.words)), "fitting"
    )
    return Wish(
        price_from_fen=slots.price_from_fen,
        price_to_fen=slots.price_to_fen,
        strength=slots.strength,
        aroma=slots.aroma,
        pieces=slots.quantity if (slots.quantity or 0) > 1 else None,
        about=_OCCASIONS[slots.occasion][1] if slots.occasion else (),
        order=order,
    )


@dataclass(frozen=True)
class Found:
    """The products for a sentence; ``why`` says why these, ``named`` what they were named by."""

    goods: Wished
    why: str
    named: str = ""


def _found(asked: Asked) -> Found:
    wish, asked_for = _wish(asked), _asked_for(asked)
    wanted = asked_for or wish_of(asked.words)
    among = _named(asked, wanted)
    if among:
        found = pricing.wished(replace(wish, among=among), SHOWN)
        slots = replace(asked.slots, quantity=None) if found.is_exact else asked.slots
        return Found(found, _why(slots, wish.order, found), wanted)
    found = pricing.wished(wish, SHOWN)
    if elsewhere := _elsewhere(asked):
        return Found(found, f"本店没有{elsewhere}，在售的有")
    if asked_for:
        return Found(found, f"没有找到「{shown(asked_for)}」，在售的有")
    return Found(found, _why(asked.slots, wish.order, found))


def _why(slots: Slots, order: WishOrder, found: Wished) -> str:
    """Why these: '按「300 元左右」挑的' with the order, or that these are only the nearest.

    An occasion is named only if the goods themselves name it.
    """
    wishes = _wishes(slots if found.is_said else replace(slots, occasion=""))
    if not found.is_exact and wishes == [slots.aroma]:
        return f"没有写明是「{slots.aroma}」的，在售的有"
    if not found.is_exact:
        return f"没有正好符合「{'、'.join(wishes)}」的，最接近的是"
    sorting = _ORDERS[order][1] if order in _ORDERS else ""
    if not wishes:
        return sorting
    return f"按「{'、'.join(wishes)}」挑的{'，' if sorting else ''}{sorting}"


def _wishes(slots: Slots) -> list[str]:
    """The wishes of a sentence in words."""
    said = [_price_said(slots.price_from_fen, slots.price_to_fen)]
    said.append(f"{slots.strength} 度" if slots.strength is not None else "")
    said.append(slots.aroma)
    said.append(f"{slots.quantity} 件有货" if (slots.quantity or 0) > 1 else "")
    said.append(f"适合{_OCCASIONS[slots.occasion][0]}" if slots.occasion else "")
    return [each for each in said if each]


def _price_said(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f"{_yuan(high)} 元以内"
    if high is None:
        return f"{_yuan(low)} 元以上"
    if low * 3 == high * 2:  # "about": a fifth below to a fifth above
        return f"{_yuan(low * 5 // 4)} 元左右"
    return f"{_yuan(low)}–{_yuan(high)} 元"


def _yuan(fen: int | None) -> str:
    return yuan(fen or 0).removesuffix(".00")


async def product_reply_of(call: Call, asked: Asked) -> Reply:
    """The products that a sentence names or wishes for."""
    found = await call.read(_found, asked)
    cards = found.goods.cards
    if not cards or not found.why:
        return product_reply(call, cards, found.named)
    return chosen_reply(call, cards, found.why, found.goods.has_more)


INTENT = Intent(id="product", title="有什么酒", reply=product_reply_of)
