"""What goes into a quote and what comes out. ``docs/algorithms/pricing.md`` is the prose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from domain.settings import Freight

Scope = Literal["order", "category", "product"]


@dataclass(frozen=True)
class QuoteLine:
    """A line that somebody wants to buy, at list price."""

    sku_id: int
    product_id: int
    quantity: int
    unit_price_fen: int
    category_id: int = 0

    @property
    def line_fen(self) -> int:
        """List price times quantity."""
        return self.unit_price_fen * self.quantity


@dataclass(frozen=True)
class UnitPriceOffer:
    """A lower price for one SKU: member level, limited time or flash sale (专享价)."""

    id: int
    label: str
    sku_id: int
    unit_price_fen: int


@dataclass(frozen=True)
class ReductionOffer:
    """Full reduction (满减): from ``tiers`` of (threshold_fen, off_fen) the highest reached."""

    id: int
    label: str
    tiers: tuple[tuple[int, int], ...]
    scope: Scope = "order"
    target_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CouponOffer:
    """A coupon of the buyer (优惠券): a fixed amount, or a rate with a cap."""

    id: int
    label: str
    threshold_fen: int = 0
    off_fen: int = 0
    off_bp: int = 0
    cap_fen: int | None = None
    scope: Scope = "order"
    target_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class PointsOffer:
    """Points against cash (积分抵现): at most ``cap_bp`` of the goods' price."""

    id: int
    label: str
    points: int
    points_per_yuan: int
    cap_bp: int = 10_000


Offer = UnitPriceOffer | ReductionOffer | CouponOffer | PointsOffer


@dataclass(frozen=True)
class QuoteContext:
    """The merchant's switches and where the goods go. Without a province, freight is a guess."""

    freight: Freight
    province: str | None = None
    coupon_id: int | None = None
    reductions_with_special_prices: bool = True
    coupons_with_special_prices: bool = True
    coupons_with_reductions: bool = True


@dataclass(frozen=True)
class Adjustment:
    """What one offer took off one line, in fen."""

    step: Literal["unit_price", "reduction", "coupon", "points"]
    offer_id: int
    label: str
    fen: int


@dataclass(frozen=True)
class Unused:
    """An offer that does not count here, and why."""

    offer_id: int
    label: str
    reason: str
    missing_fen: int = 0
    lost_fen: int = 0


@dataclass(frozen=True)
class QuotedLine:
    """A line with what is truly paid for it; that is its commission base, too."""

    sku_id: int
    product_id: int
    quantity: int
    list_price_fen: int
    unit_price_fen: int
    line_fen: int
    paid_fen: int
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True)
class Quote:
    """The price of an order, line by line."""

    lines: tuple[QuotedLine, ...]
    goods_fen: int
    reduction_fen: int
    freight_fen: int
    payable_fen: int
    points_used: int = 0
    free_freight_missing_fen: int = 0
    unused: tuple[Unused, ...] = field(default=())

    @property
    def reduced_goods_fen(self) -> int:
        """The goods after reductions, without freight: what a cart can say."""
        return self.goods_fen - self.reduction_fen


def is_for(offer: ReductionOffer | CouponOffer, line: QuoteLine) -> bool:
    """True if the offer is for this line."""
    if offer.scope == "order":
        return True
    return (line.category_id if offer.scope == "category" else line.product_id) in offer.target_ids
