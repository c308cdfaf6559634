"""Step 2: full reductions; the one that takes off most is applied first."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pricing.rules import QuoteContext, Unused
from domain.pricing.work import Line, Work, spread
from domain.promotions import Offer, ReductionOffer, is_for


def apply(work: Work, offers: Sequence[Offer], ctx: QuoteContext) -> None:
    """Apply reductions; each line takes part in one, the others see the remaining lines."""
    left = [o for o in offers if isinstance(o, ReductionOffer)]
    while left:
        sized = [
            (_tier_off(offer, _lines_for_reduction(work, offer, ctx)), offer) for offer in left
        ]
        off, best = min(sized, key=lambda pair: (-pair[0], pair[1].id))
        if off == 0:
            break
        spread(_lines_for_reduction(work, best, ctx), off, "reduction", best)
        left.remove(best)
    work.unused += [_why_unused(work, offer, ctx) for offer in left]


def _lines_for_reduction(work: Work, offer: ReductionOffer, ctx: QuoteContext) -> list[Line]:
    return [
        w
        for w in work.lines
        if is_for(offer.scope, offer.target_ids, w.line)
        and not w.has("reduction")
        and (ctx.reductions_with_special_prices or not w.is_special)
    ]


def _tier_off(offer: ReductionOffer, lines: list[Line]) -> int:
    amount = sum(w.paid_fen for w in lines)
    reached = [off for threshold, off in offer.tiers if amount >= threshold]
    return min(max(reached, default=0), amount)


def _why_unused(work: Work, offer: ReductionOffer, ctx: QuoteContext) -> Unused:
    matching = [w for w in work.lines if is_for(offer.scope, offer.target_ids, w.line)]
    if not matching:
        return Unused(offer.id, offer.label, "no_matching_goods")
    lines = _lines_for_reduction(work, offer, ctx)
    if not lines:
        taken = any(w.has("reduction") for w in matching)
        return Unused(offer.id, offer.label, "better_offer" if taken else "not_combinable")
    amount = sum(w.paid_fen for w in lines)
    threshold = min(t for t, _ in offer.tiers)
    if amount >= threshold:
        return Unused(offer.id, offer.label, "nothing_left")
    missing = threshold - amount
    at_list = sum(w.line.line_fen for w in lines)
    lost = max((off for t, off in offer.tiers if at_list >= t), default=0)
    if lost:
        return Unused(offer.id, offer.label, "lost_by_price", missing, lost)
    return Unused(offer.id, offer.label, "below_threshold", missing)
