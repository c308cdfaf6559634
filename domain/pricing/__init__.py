"""The price of an order (算价). See ``docs/algorithms/pricing.md``."""

from domain.pricing.product_prices import (
    Deal,
    SpecialPrice,
    deals_by_sku,
    home,
    list_products_on_offer,
    product_cards,
    product_page,
    search,
    shelf,
    special_prices,
    trial_fen,
)
from domain.pricing.quoting import quote
from domain.pricing.rules import Adjustment, Quote, QuoteContext, QuotedLine, Unused
from domain.pricing.service import (
    FreightRule,
    PaidGoods,
    fits_freight_of_everywhere,
    freight_rule,
    line_of,
    quote_goods,
)
from domain.pricing.wishes import Wished, wished

__all__ = [
    "Adjustment", "Deal", "FreightRule", "PaidGoods", "Quote", "QuoteContext", "QuotedLine",
    "SpecialPrice", "Unused", "Wished", "deals_by_sku", "fits_freight_of_everywhere",
    "freight_rule", "home", "line_of", "list_products_on_offer", "product_cards", "product_page",
    "quote", "quote_goods", "search", "shelf", "special_prices", "trial_fen", "wished",
]  # fmt: skip
