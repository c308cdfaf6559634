"""Step 1: each line takes its lowest unit price."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pricing.rules import QuoteContext, Unused, UnusedReason
from domain.pricing.work import Work
from domain.promotions import Offer, UnitPriceOffer


def apply(work: Work, offers: Sequence[Offer], _ctx: QuoteContext) -> None:
    """Apply the lowest of list, member, limited-time and flash price; ties go to the lower id."""
    mine = [o for o in offers if isinstance(o, UnitPriceOffer)]
    for offer in sorted(mine, key=lambda o: (o.unit_price_fen, o.id)):
        lines = [w for w in work.lines if w.line.sku_id == offer.sku_id]
        lower = [w for w in lines if offer.unit_price_fen < w.unit_price_fen]
        for w in lower:
            off = (w.unit_price_fen - offer.unit_price_fen) * w.line.quantity
            w.unit_price_fen = offer.unit_price_fen
            w.take("unit_price", offer, off)
        if not lower:
            reason: UnusedReason = "better_price" if lines else "no_matching_goods"
            work.unused.append(Unused(offer.id, offer.label, reason))
