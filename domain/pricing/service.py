"""The quote for goods of the catalogue under the merchant's present switches."""

from __future__ import annotations

from collections.abc import Sequence

from domain import settings
from domain.catalog import SkuLine
from domain.pricing.quoting import quote
from domain.pricing.rules import Offer, Quote, QuoteContext, QuoteLine
from domain.settings import Freight


def quote_goods(
    goods: Sequence[tuple[SkuLine, int]], province: str | None, offers: Sequence[Offer] = ()
) -> Quote:
    """What these goods cost now, delivered to a province; cart and order both ask here."""
    lines = [
        QuoteLine(sku.sku_id, sku.product_id, n, sku.price_fen, sku.category_id)
        for sku, n in goods
    ]
    return quote(lines, offers, QuoteContext(settings.get(Freight), province))
