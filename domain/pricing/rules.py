"""The input and the result of a quote. See ``docs/algorithms/pricing.md``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from domain.freight import NO_PLAN, Plan
from domain.promotions import NO_CHOICES, Choices
from domain.settings import Freight


@dataclass(frozen=True)
class QuoteContext:
    """The merchant's switches and the place of delivery: its province's name, and its code.

    Without a place the freight is an estimate: no extra for remote provinces, and of a template
    the row for everywhere. ``plan`` has the templates of the lines. Goods that are not
    sent, such as those that the buyer collects, have no freight.
    """

    freight: Freight
    province: str | None = None
    choices: Choices = NO_CHOICES
    reductions_with_special_prices: bool = True
    coupons_with_special_prices: bool = True
    coupons_with_reductions: bool = True
    place: str | None = None
    plan: Plan = NO_PLAN
    has_freight: bool = True


@dataclass(frozen=True)
class Adjustment:
    """What one offer took off one line, in fen; the order's line keeps it unchanged.

    ``step`` is the name of the file in ``pricing/steps``. ``kind`` and ``version`` identify the
    promotion.
    """

    step: str
    offer_id: int
    label: str
    fen: int
    kind: str = ""
    version: int = 0


UnusedReason = Literal[
    "below_threshold", "lost_by_price", "no_matching_goods", "not_combinable", "better_offer",
    "better_price", "one_per_order", "nothing_left", "more_pieces",
]  # fmt: skip


@dataclass(frozen=True)
class Unused:
    """An offer that was not applied, and the reason."""

    offer_id: int
    label: str
    reason: UnusedReason
    missing_fen: int = 0
    lost_fen: int = 0
    missing_pieces: int = 0


@dataclass(frozen=True)
class QuotedLine:
    """A line with what is paid for it in fen, which is also its commission base."""

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
    """The price of an order in fen, line by line.

    ``undelivered`` are SKUs that are not sent to the place. ``days`` is after how many days goods
    arrive once they are sent, from and to; None if a template of theirs doesn't say.
    """

    lines: tuple[QuotedLine, ...]
    goods_fen: int
    reduction_fen: int
    freight_fen: int
    payable_fen: int
    points_used: int = 0
    free_freight_missing_fen: int = 0
    undelivered: tuple[int, ...] = ()
    days: tuple[int, int] | None = None
    unused: tuple[Unused, ...] = field(default=())

    @property
    def reduced_goods_fen(self) -> int:
        """The goods after reductions, without freight."""
        return self.goods_fen - self.reduction_fen
