"""What costs less now; what the shop does not do (coupons, group prices, haggling) plainly."""

from __future__ import annotations

import re

from bot.about import product_asked
from bot.call import Call
from bot.handlers import offers
from bot.intent import Asked, Intent
from bot.speech import shown
from domain import pricing
from domain.catalog import ProductCard
from kernel.chat import Reply, TextReply
from kernel.web.templates import yuan_whole

_NOT_DONE = (
    (re.compile("券|coupon|quan"), "本店目前没有优惠券，优惠直接算在价格里。"),
    (re.compile("拼团|拼单|团购价|砍价|砍一刀"), "本店目前没有拼团和砍价。"),
    (re.compile("满减|立减|首单|新人|折上折|生日|学生"), "本店目前没有满减、新人价和生日价。"),
    (re.compile("差价|保价|买贵"), "降价后不自动补差价，有疑问请找客服。"),
    (
        re.compile(
            "便宜[点些]|抹零|抹个零|让点|再让|少[点一]|最低|友情价|老顾客|老客|熟人|平啲|cheaper"
        ),
        "价格对每位顾客都一样，聊天里不能另外让价。",
    ),
)


def _not_on_offer(asked: Asked) -> ProductCard | None:
    """The product that is asked about if others are on offer and it is not."""
    if not pricing.list_products_on_offer(1):
        return None
    card = product_asked(asked)
    return card if card is not None and card.until is None else None


async def _reply(call: Call, asked: Asked) -> Reply:
    listed = await offers.offers(call)
    if not isinstance(listed, TextReply):
        return listed
    lines = [text for words, text in _NOT_DONE if words.search(asked.words)][:1]
    card = await call.read(_not_on_offer, asked)
    if card is not None:
        lines.append(f"{shown(card.title)}现在没有优惠，¥{yuan_whole(card.price_fen)}。")
    return TextReply("\n".join([*lines, listed.content]))


INTENT = Intent(id="discount", title="有什么优惠", reply=_reply)
