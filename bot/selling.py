"""Shared by distributors' answers: who may sell, the answer to others, the product named."""

from __future__ import annotations

import re

from bot import paths
from bot.call import Call
from domain import distribution, legal, pricing
from domain.catalog import ProductCard
from domain.distribution import DistributorView
from kernel.chat import TextReply

# What stands around the product in a sentence about a poster or a link.
_AROUND = (
    "海报|推广|二维码|带码|码|图片|照片|图|链接|连结|网址|地址|url|分享|转发|带货|专属|单独|单品|商品|产品|"
    "我要?的?|给我?|帮我?|替我|请|麻烦|想要?|要|来|拿|领|发给?|推给|转给|卖给|朋友圈?|客户|顾客|群里|做|弄|"
    "出|生成|制作|一?[张个份条款下]|那款|这款|那个|这个|那|这|的|把|用|吧|呢|吗|啊|呀|了|谢谢|你好|您好|怎么|"
    "haibao|lianjie"
)
_EDGES = re.compile(rf"^(?:{_AROUND}|[\W_])+|(?:{_AROUND}|[\W_])+$")


async def distributor_of_sender(call: Call) -> DistributorView | None:
    """The sender as a distributor; None if they never applied."""
    found: DistributorView | None = await call.read(distribution.distributor, call.member_id)
    return found


async def is_selling(call: Call) -> bool:
    """True if the sender is an active distributor; greetings and lists differ by it."""
    found: bool = await call.deps.store.peek(distribution.is_active, call.member_id)
    return found


def has_sold(who: DistributorView | None) -> bool:
    """True for whoever is or was a distributor, and so may have commission."""
    return who is not None and who.state not in {"applied", "rejected"}


def not_selling(call: Call, who: DistributorView | None, wish: str = "") -> TextReply:
    """The state of an application, or how to become a distributor; always with a next step.

    ``wish`` is the command that was sent; the answer says how joining relates to it.
    """
    state = who.state if who is not None else "none"
    reason = who.reason if who is not None else None
    return call.answer(
        "apply.txt", more=paths.APPLY, state=state, reason=reason, wish=wish, answer_by=None,
        company=legal.last_business(),
    )  # fmt: skip


async def product_of(call: Call, words: str) -> ProductCard | None:
    """The product that a sentence names beside the wish itself: "给我陈酿的海报" → 陈酿."""
    named = _EDGES.sub("", words)
    if len(named.replace(" ", "")) < 2:
        return None
    found: list[ProductCard] = await call.read(pricing.search, named, 1)
    return found[0] if found else None
