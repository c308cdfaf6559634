"""The lines to be priced and the offers that pricing applies to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Scope = Literal["order", "category", "product", "sku"]


@dataclass(frozen=True)
class QuoteLine:
    """A line to be priced, at list price in fen; ``weight_g`` is that of one piece."""

    sku_id: int
    product_id: int
    quantity: int
    unit_price_fen: int
    category_id: int = 0
    weight_g: int = 0

    @property
    def line_fen(self) -> int:
        """List price times quantity."""
        return self.unit_price_fen * self.quantity


class Offer(Protocol):
    """The fields that all offers have; the order's line keeps them.

    ``kind`` and ``version`` identify the promotion; an offer without a promotion has '' and 0.
    """

    @property
    def id(self) -> int:
        """The promotion's id."""

    @property
    def label(self) -> str:
        """The text that the buyer reads."""

    @property
    def kind(self) -> str:
        """The kind of promotion, such as ``limited_price``."""

    @property
    def version(self) -> int:
        """The promotion's version when the offer was made."""


@dataclass(frozen=True)
class UnitPriceOffer:
    """A lower price for one SKU: member level, limited time or flash sale (专享价)."""

    id: int
    label: str
    sku_id: int
    unit_price_fen: int
    kind: str = ""
    version: int = 0


@dataclass(frozen=True)
class ReductionOffer:
    """Full reduction (满减): of ``tiers`` (threshold_fen, off_fen) the highest reached counts."""

    id: int
    label: str
    tiers: tuple[tuple[int, int], ...]
    scope: Scope = "order"
    target_ids: frozenset[int] = frozenset()
    kind: str = ""
    version: int = 0


@dataclass(frozen=True)
class CouponOffer:
    """A buyer's coupon (优惠券): ``off_fen``, or ``off_bp`` up to ``cap_fen``."""

    id: int
    label: str
    threshold_fen: int = 0
    off_fen: int = 0
    off_bp: int = 0
    cap_fen: int | None = None
    scope: Scope = "order"
    target_ids: frozenset[int] = frozenset()
    kind: str = ""
    version: int = 0


@dataclass(frozen=True)
class PointsOffer:
    """Points used as money (积分抵现), up to ``cap_bp`` of the goods' price."""

    id: int
    label: str
    points: int
    points_per_yuan: int
    cap_bp: int = 10_000
    kind: str = ""
    version: int = 0


@dataclass(frozen=True)
class StepOffer:
    """An offer of a kind that has a pricing step of its own.

    ``terms`` are the whole numbers of the kind's rules: pieces, fen, basis points.
    """

    id: int
    label: str
    kind: str
    version: int
    scope: Scope
    target_ids: frozenset[int]
    terms: Mapping[str, int]


def is_for(scope: Scope, target_ids: frozenset[int], line: QuoteLine) -> bool:
    """True if the scope and its targets cover this line."""
    if scope == "order":
        return True
    ids = {"category": line.category_id, "product": line.product_id, "sku": line.sku_id}
    return ids[scope] in target_ids
