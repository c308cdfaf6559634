"""海报: the distributor's poster as a picture; "海报 陈酿" gives the poster of one product."""

from __future__ import annotations

from dataclasses import replace

from bot.call import Call
from bot.router import ANYTHING, Command, Router
from bot.selling import distributor_of_sender, not_selling, product_of
from domain import catalog, distribution, legal, pricing
from domain.catalog import ProductCard
from domain.distribution import DistributorView
from kernel.chat import Reply
from kernel.web.captions import caption

router = Router("poster")

COMING = "您的海报正在制作，几秒后发给您。"
AN_HOUR = 3_600
POSTERS_AN_HOUR = 60


@router.on(
    Command(
        "海报",
        "推广海报",
        "推广码",
        "我的海报",
        "haibao",
        intent="poster",
        takes=ANYTHING,
        is_apart=True,
    )
)
async def poster(call: Call, rest: str) -> Reply:
    """The poster of the first product that contains every word, else of the best-selling one.

    The words for Moments follow it, ready to copy.
    """
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领海报")
    if not rest:
        return await _drawn(call, who, await _best(call))
    found = await call.read(pricing.search, rest, 1)
    if not found:
        return call.answer("poster_none.txt", words=rest)
    return await _drawn(call, who, found[0])


async def poster_in_words(call: Call, words: str) -> Reply:
    """The poster that a sentence asks for: of the product that it names, else the general one."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领海报")
    return await _drawn(call, who, await product_of(call, words) or await _best(call))


async def _best(call: Call) -> ProductCard | None:
    """The best-selling product; None in an empty shop."""
    best = await call.read(catalog.best_seller)
    found = await call.read(pricing.product_cards, [best] if best else [])
    return found[0] if found else None


async def _drawn(call: Call, who: DistributorView, card: ProductCard | None) -> Reply:
    product_id = card.id if card is not None else None
    await call.deps.limiter.hit(
        "poster", str(call.member_id), most=POSTERS_AN_HOUR, seconds=AN_HOUR
    )
    call.promise(COMING)
    reply = await call.deps.poster(call.member_id, product_id)
    config = call.deps.config
    link = distribution.short_link(config.public_url, who.referral_code, product_id)
    seller = (await call.read(legal.business)).legal_name
    return replace(reply, words=caption(config.site.name, seller, link, card))
