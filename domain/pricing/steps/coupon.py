"""Step 3: one coupon, the chosen one, else the one that takes off most."""

from __future__ import annotations

from collections.abc import Sequence

from domain.pricing.rules import QuoteContext, Unused
from domain.pricing.work import Line, Work, spread
from domain.promotions import CouponOffer, Offer, is_for
from kernel.money import rate_of


def apply(work: Work, offers: Sequence[Offer], ctx: QuoteContext) -> None:
    """Apply one of the usable coupons; each other one is recorded with its reason."""
    usable: list[tuple[int, CouponOffer]] = []
    for offer in offers:
        if not isinstance(offer, CouponOffer):
            continue
        off, why = _coupon_off_fen(work, offer, ctx)
        if why is None:
            usable.append((off, offer))
        else:
            work.unused.append(why)
    chosen = [pair for pair in usable if pair[1].id == ctx.choices.coupon_id] or usable
    if not chosen:
        return
    off, best = min(chosen, key=lambda pair: (-pair[0], pair[1].id))
    spread(_lines_for_coupon(work, best, ctx), off, "coupon", best)
    work.unused += [Unused(o.id, o.label, "one_per_order") for _, o in usable if o is not best]


def _lines_for_coupon(work: Work, offer: CouponOffer, ctx: QuoteContext) -> list[Line]:
    return [
        w
        for w in work.lines
        if is_for(offer.scope, offer.target_ids, w.line)
        and (ctx.coupons_with_special_prices or not w.is_special)
        and (ctx.coupons_with_reductions or not w.has("reduction"))
    ]


def _coupon_off_fen(
    work: Work, offer: CouponOffer, ctx: QuoteContext
) -> tuple[int, Unused | None]:
    if not any(is_for(offer.scope, offer.target_ids, w.line) for w in work.lines):
        return 0, Unused(offer.id, offer.label, "no_matching_goods")
    lines = _lines_for_coupon(work, offer, ctx)
    if not lines:
        return 0, Unused(offer.id, offer.label, "not_combinable")
    amount = sum(w.paid_fen for w in lines)
    if amount < offer.threshold_fen:
        missing = offer.threshold_fen - amount
        return 0, Unused(offer.id, offer.label, "below_threshold", missing)
    off = offer.off_fen or rate_of(amount, offer.off_bp)
    off = min(off, amount, off if offer.cap_fen is None else offer.cap_fen)
    if off == 0:
        return 0, Unused(offer.id, offer.label, "nothing_left")
    return off, None
