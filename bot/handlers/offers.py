"""优惠: the promotions that run now, with the prices that an order would have."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.cards import SHOWN
from bot.router import Command, Router
from domain import pricing
from kernel.chat import Reply

router = Router("offers")


@router.on(Command("优惠", "优惠活动", "限时价", "特价", "促销", "第二件半价", "youhui",
                   intent="discount"))  # fmt: skip
async def offers(call: Call) -> Reply:
    """The goods that are in a promotion now, or a plain answer that there are none."""
    found = await call.read(pricing.list_products_on_offer, SHOWN + 1)
    return call.answer(
        "offers.txt", more=paths.OFFERS, cards=found[:SHOWN], has_more=len(found) > SHOWN
    )
