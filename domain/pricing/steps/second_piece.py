"""Step 1b: of each two pieces of a product the cheaper one costs a part of its price."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pricing.rules import QuoteContext, Unused
from domain.pricing.work import Line, Work
from domain.promotions import Offer, StepOffer, is_for
from kernel.money import rate_of

KIND = "second_piece"


def apply(work: Work, offers: Sequence[Offer], _ctx: QuoteContext) -> None:
    """Apply the offers, the lowest rate first, then the lower id; a line takes part in one."""
    mine = [o for o in offers if isinstance(o, StepOffer) and o.kind == KIND]
    for offer in sorted(mine, key=lambda o: (o.terms["rate_bp"], o.id)):
        covered = [w for w in work.lines if is_for(offer.scope, offer.target_ids, w.line)]
        free = [w for w in covered if not w.has(KIND) and _can_take(w, offer)]
        taken = [
            _reduce_pairs(_of_product(free, i), offer) for i in {w.line.product_id for w in free}
        ]
        if not any(taken):
            work.unused.append(_why_unused(offer, covered, free))


def _can_take(w: Line, offer: StepOffer) -> bool:
    return bool(offer.terms["with_special"]) or not w.is_special


def _of_product(lines: Sequence[Line], product_id: int) -> list[Line]:
    """The lines of a product, the highest unit price first."""
    mine = [w for w in lines if w.line.product_id == product_id]
    return sorted(mine, key=lambda w: (-w.unit_price_fen, w.line.sku_id))


def _reduce_pairs(lines: Sequence[Line], offer: StepOffer) -> bool:
    """Reduce every second piece, counted from the most expensive; True if there was one."""
    before, found = 0, False
    for w in lines:
        after = before + w.line.quantity
        seconds = after // 2 - before // 2
        off = w.unit_price_fen - rate_of(w.unit_price_fen, offer.terms["rate_bp"])
        w.take(KIND, offer, seconds * off)
        before, found = after, found or seconds > 0
    return found


def _why_unused(offer: StepOffer, covered: Sequence[Line], free: Sequence[Line]) -> Unused:
    if not covered:
        return Unused(offer.id, offer.label, "no_matching_goods")
    if not free:
        taken = any(w.has(KIND) for w in covered)
        return Unused(offer.id, offer.label, "better_offer" if taken else "not_combinable")
    return Unused(offer.id, offer.label, "more_pieces", missing_pieces=1)
