"""链接: the distributor's own link to the mall or to a product, with the commission it pays."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import ANYTHING, Command, Router
from bot.selling import distributor_of_sender, not_selling, product_of
from domain import distribution, pricing
from domain.catalog import ProductCard
from domain.distribution import DistributorView
from kernel.chat import Reply

router = Router("link")


@router.on(
    Command(
        "链接",
        "推广链接",
        "我的链接",
        "分享链接",
        "连结",
        "lianjie",
        intent="link",
        takes=ANYTHING,
        is_apart=True,
    )
)
async def link(call: Call, rest: str) -> Reply:
    """The link to copy; a visit through it is recorded for the distributor."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领推广链接")
    if not rest:
        return await _shown(call, who, None)
    found = await call.read(pricing.search, rest, 1)
    if not found:
        return call.answer("link_none.txt", words=rest)
    return await _shown(call, who, found[0])


async def link_in_words(call: Call, words: str) -> Reply:
    """The link that a sentence asks for: to the product that it names, else to the mall."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领推广链接")
    return await _shown(call, who, await product_of(call, words))


async def _shown(call: Call, who: DistributorView, card: ProductCard | None) -> Reply:
    address = distribution.short_link(
        call.deps.config.public_url, who.referral_code, card.id if card else None
    )
    pay = None
    if card is not None:
        pay = await call.read(distribution.preview_commission, card.id, call.member_id)
    return call.answer("link.txt", more=paths.SELLING, address=address, card=card, pay=pay)
