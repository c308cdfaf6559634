"""The quote for goods of the catalogue under the merchant's switches and the live offers."""

from __future__ import annotations

from collections.abc import Sequence

from domain import promotions
from domain.catalog import SkuLine
from domain.pricing.quoting import quote
from domain.pricing.rules import Quote, QuoteContext
from domain.promotions import NO_CHOICES, Choices, QuoteLine
from domain.settings import Freight, get
from kernel import clock


def quote_goods(
    goods: Sequence[tuple[SkuLine, int]],
    province: str | None,
    member_id: int | None = None,
    choices: Choices = NO_CHOICES,
    *,
    is_binding: bool = False,
) -> Quote:
    """What these goods cost this member now, delivered to a province; cart and order ask here.

    A binding quote is an order's: it looks at the offers again in its own transaction. Raises
    Invalid('choice_not_offered') for a choice that nobody offers.
    """
    lines = [line_of(sku, n) for sku, n in goods]
    offers = promotions.offers_for(member_id, lines, choices, clock.now(), is_fresh=is_binding)
    return quote(lines, offers, QuoteContext(get(Freight), province, choices))


def line_of(sku: SkuLine, quantity: int) -> QuoteLine:
    """A SKU of the catalogue as pricing takes it."""
    return QuoteLine(sku.sku_id, sku.product_id, quantity, sku.price_fen, sku.category_id)
