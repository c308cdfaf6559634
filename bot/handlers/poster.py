"""海报: the distributor's poster as a picture; "海报 陈酿" gives the poster of one product."""

from __future__ import annotations

from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain import pricing
from kernel.chat import Reply

router = Router("poster")

COMING = "您的海报正在制作，几秒后发给您。"
AN_HOUR = 3_600
POSTERS_AN_HOUR = 60


@router.on(Command("海报", "推广海报", "二维码", "推广码", "我的海报", "haibao"))
async def poster(call: Call, rest: str) -> Reply:
    """The poster of the shop, or of the first product that contains every word."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领海报")
    product_id = None
    if rest:
        found = await call.read(pricing.search, rest, 1)
        if not found:
            return call.answer("poster_none.txt", words=rest)
        product_id = found[0].id
    await call.deps.limiter.hit(
        "poster", str(call.member_id), most=POSTERS_AN_HOUR, seconds=AN_HOUR
    )
    call.promise(COMING)
    return await call.deps.poster(call.member_id, product_id)
