"""Step 4: points, up to the cap and only as many as the amount needs."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pricing.rules import QuoteContext, Unused
from domain.pricing.work import Work, spread
from domain.promotions import Offer, PointsOffer
from kernel.money import rate_of


def apply(work: Work, offers: Sequence[Offer], _ctx: QuoteContext) -> None:
    """Take the points' worth off the lines and count the points used."""
    for offer in offers:
        if not isinstance(offer, PointsOffer):
            continue
        worth = offer.points * 100 // offer.points_per_yuan
        off = min(worth, rate_of(work.paid_fen, offer.cap_bp))
        if off == 0:
            work.unused.append(Unused(offer.id, offer.label, "nothing_left"))
            continue
        work.points_used += -(-off * offer.points_per_yuan // 100)
        spread(work.lines, off, "points", offer)
