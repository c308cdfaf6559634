"""What to share today: a product with the words for Moments, ready to copy."""

from __future__ import annotations

from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, not_selling
from domain import distribution, pricing
from domain.catalog import ProductCard
from domain.distribution import CommissionPreview
from domain.legal import last_business
from kernel import clock
from kernel.chat import Reply
from kernel.web.captions import caption

CHOICE = 5


@dataclass(frozen=True)
class Today:
    """The product of the day and what it pays."""

    card: ProductCard
    pay: CommissionPreview | None


def _today(asked: Asked) -> Today | None:
    """A product on offer, else of the front page; another one every day."""
    cards = pricing.list_products_on_offer(CHOICE)
    cards = cards or [card for card in pricing.home(CHOICE).cards if not card.is_sold_out]
    if not cards:
        return None
    card = cards[clock.business_day(clock.now()).toordinal() % len(cards)]
    return Today(card, distribution.preview_commission(card.id, asked.member_id))


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "领推广素材")
    facts = await call.read(_today, asked)
    if facts is None:
        return call.answer("post_nothing.txt")
    config = call.deps.config
    link = distribution.short_link(config.public_url, who.referral_code, facts.card.id)
    words = caption(config.site.name, last_business().legal_name, link, facts.card)
    return call.answer("post_today.txt", more=paths.SELLING, facts=facts, words=words)


INTENT = Intent(id="post_today", title="今天发什么", reply=_reply)
