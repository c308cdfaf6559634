"""海报: the distributor's poster as a picture; "海报 陈酿" gives the poster of one product."""

from __future__ import annotations

from dataclasses import replace

from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain import catalog, distribution, legal, pricing
from kernel.chat import Reply
from kernel.web.captions import caption

router = Router("poster")

COMING = "您的海报正在制作，几秒后发给您。"
AN_HOUR = 3_600
POSTERS_AN_HOUR = 60


@router.on(Command("海报", "推广海报", "二维码", "推广码", "我的海报", "haibao"))
async def poster(call: Call, rest: str) -> Reply:
    """The poster of the first product that contains every word, else of the best-selling one.

    The words for Moments follow it, ready to copy.
    """
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领海报")
    if rest:
        found = await call.read(pricing.search, rest, 1)
        if not found:
            return call.answer("poster_none.txt", words=rest)
    else:
        best = await call.read(catalog.best_seller)
        found = await call.read(pricing.product_cards, [best] if best else [])
    card = found[0] if found else None
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
