"""The price of an order in a fixed order of steps. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.pricing.rules import (
    Adjustment,
    CouponOffer,
    Offer,
    PointsOffer,
    Quote,
    QuoteContext,
    QuotedLine,
    QuoteLine,
    ReductionOffer,
    UnitPriceOffer,
    Unused,
    is_for,
)
from domain.settings import Freight
from kernel.money import allocate, rate_of


@dataclass
class _Line:
    """A line while it is being worked out."""

    line: QuoteLine
    paid_fen: int
    unit_price_fen: int
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def is_special(self) -> bool:
        return self.unit_price_fen < self.line.unit_price_fen

    def take(self, adjustment: Adjustment) -> None:
        assert 0 <= adjustment.fen <= self.paid_fen
        if adjustment.fen:
            self.paid_fen -= adjustment.fen
            self.adjustments.append(adjustment)

    def has(self, step: str) -> bool:
        return any(a.step == step for a in self.adjustments)


def quote(lines: Sequence[QuoteLine], offers: Iterable[Offer], ctx: QuoteContext) -> Quote:
    """The price of an order: what each line costs, through which offers, why not by others."""
    work = [_Line(line, line.line_fen, line.unit_price_fen) for line in lines]
    given = list(offers)
    unused: list[Unused] = []
    _unit_prices(work, [o for o in given if isinstance(o, UnitPriceOffer)], unused)
    _reductions(work, [o for o in given if isinstance(o, ReductionOffer)], ctx, unused)
    _coupon(work, [o for o in given if isinstance(o, CouponOffer)], ctx, unused)
    points = _points(work, [o for o in given if isinstance(o, PointsOffer)], unused)
    goods = sum(w.line.line_fen for w in work)
    paid = sum(w.paid_fen for w in work)
    freight, missing = _freight(paid, ctx.freight, ctx.province) if work else (0, 0)
    return Quote(
        lines=tuple(_quoted(w) for w in work),
        goods_fen=goods,
        reduction_fen=goods - paid,
        freight_fen=freight,
        payable_fen=paid + freight,
        points_used=points,
        free_freight_missing_fen=missing,
        unused=tuple(unused),
    )


def _unit_prices(work: list[_Line], offers: list[UnitPriceOffer], unused: list[Unused]) -> None:
    """Step 1: each line takes its lowest price."""
    for offer in sorted(offers, key=lambda o: (o.unit_price_fen, o.id)):
        lines = [w for w in work if w.line.sku_id == offer.sku_id]
        lower = [w for w in lines if offer.unit_price_fen < w.unit_price_fen]
        for w in lower:
            off = (w.unit_price_fen - offer.unit_price_fen) * w.line.quantity
            w.unit_price_fen = offer.unit_price_fen
            w.take(Adjustment("unit_price", offer.id, offer.label, off))
        if not lower:
            reason = "better_price" if lines else "no_matching_goods"
            unused.append(Unused(offer.id, offer.label, reason))


def _reductions(
    work: list[_Line], offers: list[ReductionOffer], ctx: QuoteContext, unused: list[Unused]
) -> None:
    """Step 2: the offer that takes off most goes first and takes its lines."""
    left = list(offers)
    while left:
        sized = [(_tier_off(offer, _reducible(work, offer, ctx)), offer) for offer in left]
        off, best = min(sized, key=lambda pair: (-pair[0], pair[1].id))
        if off == 0:
            break
        _spread(_reducible(work, best, ctx), off, "reduction", best)
        left.remove(best)
    unused += [_why_no_reduction(work, offer, ctx) for offer in left]


def _reducible(work: list[_Line], offer: ReductionOffer, ctx: QuoteContext) -> list[_Line]:
    return [
        w
        for w in work
        if is_for(offer, w.line)
        and not w.has("reduction")
        and (ctx.reductions_with_special_prices or not w.is_special)
    ]


def _tier_off(offer: ReductionOffer, lines: list[_Line]) -> int:
    amount = sum(w.paid_fen for w in lines)
    reached = [off for threshold, off in offer.tiers if amount >= threshold]
    return min(max(reached, default=0), amount)


def _why_no_reduction(work: list[_Line], offer: ReductionOffer, ctx: QuoteContext) -> Unused:
    matching = [w for w in work if is_for(offer, w.line)]
    if not matching:
        return Unused(offer.id, offer.label, "no_matching_goods")
    lines = _reducible(work, offer, ctx)
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


def _coupon(
    work: list[_Line], offers: list[CouponOffer], ctx: QuoteContext, unused: list[Unused]
) -> None:
    """Step 3: one coupon, the chosen or else the best."""
    usable: list[tuple[int, CouponOffer]] = []
    for offer in offers:
        off, why = _coupon_off(work, offer, ctx)
        if why is None:
            usable.append((off, offer))
        else:
            unused.append(why)
    chosen = [pair for pair in usable if pair[1].id == ctx.coupon_id] or usable
    if not chosen:
        return
    off, best = min(chosen, key=lambda pair: (-pair[0], pair[1].id))
    _spread(_couponable(work, best, ctx), off, "coupon", best)
    unused += [Unused(o.id, o.label, "one_per_order") for _, o in usable if o is not best]


def _couponable(work: list[_Line], offer: CouponOffer, ctx: QuoteContext) -> list[_Line]:
    return [
        w
        for w in work
        if is_for(offer, w.line)
        and (ctx.coupons_with_special_prices or not w.is_special)
        and (ctx.coupons_with_reductions or not w.has("reduction"))
    ]


def _coupon_off(
    work: list[_Line], offer: CouponOffer, ctx: QuoteContext
) -> tuple[int, Unused | None]:
    if not any(is_for(offer, w.line) for w in work):
        return 0, Unused(offer.id, offer.label, "no_matching_goods")
    lines = _couponable(work, offer, ctx)
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


def _points(work: list[_Line], offers: list[PointsOffer], unused: list[Unused]) -> int:
    """Step 4: points pay at most the cap; only as many are used as the amount needs."""
    used = 0
    for offer in offers:
        amount = sum(w.paid_fen for w in work)
        worth = offer.points * 100 // offer.points_per_yuan
        off = min(worth, rate_of(amount, offer.cap_bp))
        if off == 0:
            unused.append(Unused(offer.id, offer.label, "nothing_left"))
            continue
        used += -(-off * offer.points_per_yuan // 100)
        _spread(work, off, "points", offer)
    return used


def _freight(paid_fen: int, rule: Freight, province: str | None) -> tuple[int, int]:
    """Step 5: the fee, and how much more would make it free."""
    extra = rule.remote_extra_fen if province and _is_remote(province, rule) else 0
    if rule.free_from_fen is not None and paid_fen >= rule.free_from_fen:
        return extra, 0
    missing = rule.free_from_fen - paid_fen if rule.free_from_fen is not None else 0
    return rule.flat_fen + extra, missing if rule.flat_fen else 0


def _is_remote(province: str, rule: Freight) -> bool:
    """People write 西藏 or 西藏自治区: two characters tell provinces apart."""
    return province[:2] in {name[:2] for name in rule.remote_provinces}


def _spread(
    lines: list[_Line],
    off_fen: int,
    step: str,
    offer: ReductionOffer | CouponOffer | PointsOffer,
) -> None:
    parts = allocate(off_fen, [w.paid_fen for w in lines])
    for w, part in zip(lines, parts, strict=True):
        w.take(Adjustment(step, offer.id, offer.label, part))  # type: ignore[arg-type]


def _quoted(w: _Line) -> QuotedLine:
    line = w.line
    return QuotedLine(
        line.sku_id,
        line.product_id,
        line.quantity,
        line.unit_price_fen,
        w.unit_price_fen,
        line.line_fen,
        w.paid_fen,
        tuple(w.adjustments),
    )
