"""优惠: the promotions that run now, with the prices that an order would have."""

from __future__ import annotations

import re

from bot import paths
from bot.call import Call
from bot.cards import SHOWN
from bot.router import Command, Found, Router
from domain import pricing
from kernel.chat import Reply

router = Router("offers")
asked = Router("offers_asked")

_ASKS = re.compile(
    r"(?:有没有|有什么|有哪些|哪些|什么|有|在)[^。！？]{0,6}"
    r"(?:优惠|活动|打折|特价|促销|限时|便宜|第二件|买一送一)|(?:优惠|活动|打折|特价|促销)[^。！？]{0,4}(?:吗|呢|没有)"
)


def _asks(call: Call) -> Found:
    """Matches a short question about offers that is not one of the commands."""
    return len(call.words) <= 30 and _ASKS.search(call.words) is not None


@router.on(Command("优惠", "优惠活动", "活动", "限时价", "特价", "打折", "促销", "第二件半价",
                   "买一送一", "youhui", alone=True))  # fmt: skip
async def offers(call: Call) -> Reply:
    """The goods that are in a promotion now, or a plain answer that there are none."""
    found = await call.read(pricing.list_products_on_offer, SHOWN + 1)
    return call.answer(
        "offers.txt", more=paths.OFFERS, cards=found[:SHOWN], has_more=len(found) > SHOWN
    )


@asked.on(_asks)
async def offers_asked(call: Call) -> Reply:
    """The same answer to a question in a sentence."""
    return await offers(call)
