"""The price of an order (算价). See ``docs/algorithms/pricing.md``."""

from domain.pricing.quoting import quote
from domain.pricing.rules import Adjustment, Quote, QuoteContext, QuotedLine, Unused
from domain.pricing.service import line_of, quote_goods
from domain.pricing.shown import (
    Deal,
    Special,
    cards,
    deals,
    home,
    offered,
    product_page,
    search,
    shelf,
    specials,
    trial_fen,
)

__all__ = [
    "Adjustment", "Deal", "Quote", "QuoteContext", "QuotedLine", "Special", "Unused", "cards",
    "deals", "home", "line_of", "offered", "product_page", "quote", "quote_goods", "search",
    "shelf", "specials", "trial_fen",
]  # fmt: skip
