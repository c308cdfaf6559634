"""The price of an order (算价). ``docs/algorithms/pricing.md`` is the prose."""

from domain.pricing.quoting import quote
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
)
from domain.pricing.service import quote_goods

__all__ = [
    "Adjustment", "CouponOffer", "Offer", "PointsOffer", "Quote", "QuoteContext", "QuoteLine",
    "QuotedLine", "ReductionOffer", "UnitPriceOffer", "Unused", "quote", "quote_goods",
]  # fmt: skip
