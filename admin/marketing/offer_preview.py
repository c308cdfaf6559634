"""The preview of a promotion before it starts: prices and commission by SKU, and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain import distribution, pricing, promotions
from domain.catalog import SkuLine
from domain.promotions import Effect, OfferForm, OfferView

NO_STRIKE = (
    "标为“不显示”划线价的规格：活动前七天没有完整的价格记录，或七天内有过不高于活动价的价格，"
    "页面只显示活动价。"
)


@dataclass(frozen=True)
class Row:
    """A SKU in the preview: its price and all levels' commission per piece, before and after.

    ``trial_fen`` is the price of ``pieces`` together; only kinds without a unit price have it.
    """

    sku: SkuLine
    effect: Effect
    pieces: int
    trial_fen: int | None
    commission_fen: int
    commission_before_fen: int

    @property
    def list_fen(self) -> int:
        """The price of the pieces together without the promotion."""
        return self.effect.line.unit_price_fen * self.pieces


def rows_of(offer: OfferForm, offer_id: int) -> list[Row]:
    """The rows of the preview, one for each SKU of the promotion."""
    goods = {sku.sku_id: sku for sku in promotions.goods_of(offer)}
    lines = [pricing.line_of(sku, 1) for sku in goods.values()]
    found = promotions.effects(offer, lines, offer_id)
    kind = promotions.KINDS[offer.kind]
    trials = {
        e.line.sku_id: None if kind.unit_price else pricing.trial_fen(offer, e.line, offer_id)
        for e in found
    }
    before = distribution.commission_per_piece((e.line, e.line.unit_price_fen) for e in found)
    after = distribution.commission_per_piece(
        (e.line, _per_piece(e, trials[e.line.sku_id], kind.shown_at)) for e in found
    )
    return [
        Row(goods[i], e, kind.shown_at, trials[i], after[i], before[i])
        for e in found
        for i in (e.line.sku_id,)
    ]


def _per_piece(effect: Effect, trial_fen: int | None, pieces: int) -> int:
    if trial_fen is not None:
        return trial_fen // pieces
    return effect.line.unit_price_fen if effect.price_fen is None else effect.price_fen


def warnings_of(offer: OfferView, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Warnings for the merchant before the promotion starts: (tone of the notice, text)."""
    if not offer.can_edit:
        return []
    found: list[tuple[str, str]] = []
    if not rows:
        found.append(("bad", "活动里没有还在卖的规格。"))
    if any(r.effect.price_fen == 0 for r in rows):
        found.append(("bad", "有规格变为 0 元：可以直接下单，不用付款。"))
    if any(r.effect.is_far and r.effect.price_fen for r in rows):
        found.append(("warn", "有规格低于现价的一半，请核对小数点与折扣。"))
    if any(r.effect.price_fen is None and r.trial_fen is None for r in rows):
        found.append(("warn", "有规格不低于现价，活动对它不起作用。"))
    overlaps = {title for r in rows for title in r.effect.overlaps}
    if overlaps:
        names = "、".join(f"“{title}”" for title in sorted(overlaps))
        how = (
            "按结算顺序先后计算，请核对叠加后的价格"
            if any(r.trial_fen is not None for r in rows)
            else "同一规格取较低的价格，不会叠加"
        )
        found.append(("warn", f"与 {names} 时间重叠：{how}。"))
    if any(not r.sku.is_for_sale for r in rows):
        found.append(("warn", "有规格未上架，上架后才会按活动价出售。"))
    if any(r.effect.strike_fen is None and r.effect.price_fen is not None for r in rows):
        found.append(("", NO_STRIKE))
    return found
