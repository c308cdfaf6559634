"""链接: the distributor's own link to the mall or to a product, with the commission it pays."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain import distribution, pricing
from domain.catalog import ProductCard
from domain.distribution import CommissionPreview
from kernel.chat import Reply

router = Router("link")


@router.on(Command("链接", "推广链接", "我的链接", "分享链接", "连结", "连接", "分享", "lianjie"))
async def link(call: Call, rest: str) -> Reply:
    """The link to copy; a visit through it is recorded for the distributor."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领推广链接")
    card, pay = await _product(call, rest)
    if rest and card is None:
        return call.answer("link_none.txt", words=rest)
    address = distribution.short_link(
        call.deps.config.public_url, who.referral_code, card.id if card else None
    )
    return call.answer("link.txt", more=paths.SELLING, address=address, card=card, pay=pay)


async def _product(call: Call, words: str) -> tuple[ProductCard | None, CommissionPreview | None]:
    if not words:
        return None, None
    found: list[ProductCard] = await call.read(pricing.search, words, 1)
    if not found:
        return None, None
    pay = await call.read(distribution.preview_commission, found[0].id, call.member_id)
    return found[0], pay
