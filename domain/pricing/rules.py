"""What goes into a quote and what comes out. ``docs/algorithms/pricing.md`` is the prose."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.promotions import NO_CHOICES, Choices
from domain.settings import Freight


@dataclass(frozen=True)
class QuoteContext:
    """The merchant's switches and where the goods go. Without a province, freight is a guess."""

    freight: Freight
    province: str | None = None
    choices: Choices = NO_CHOICES
    reductions_with_special_prices: bool = True
    coupons_with_special_prices: bool = True
    coupons_with_reductions: bool = True


@dataclass(frozen=True)
class Adjustment:
    """What one offer took off one line, in fen; the order's line keeps it as it was then.

    ``step`` is the file of ``pricing/steps``. ``kind`` and ``version`` name the promotion.
    """

    step: str
    offer_id: int
    label: str
    fen: int
    kind: str = ""
    version: int = 0


@dataclass(frozen=True)
class Unused:
    """An offer that does not count here, and why."""

    offer_id: int
    label: str
    reason: str
    missing_fen: int = 0
    lost_fen: int = 0
    missing_pieces: int = 0


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
