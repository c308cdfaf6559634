"""The quote for goods of the catalogue, under the merchant's switches and the live offers."""

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
    """The quote for goods that a member buys now, delivered to a province.

    ``is_binding`` is for an order: the offers are read again in its transaction. Raises
    Invalid('choice_not_offered') for a choice that no promotion takes.
    """
    lines = [line_of(sku, n) for sku, n in goods]
    offers = promotions.offers_for(member_id, lines, choices, clock.now(), is_fresh=is_binding)
    return quote(lines, offers, QuoteContext(get(Freight), province, choices))


def line_of(sku: SkuLine, quantity: int) -> QuoteLine:
    """A catalogue SKU as a line for pricing."""
    return QuoteLine(sku.sku_id, sku.product_id, quantity, sku.price_fen, sku.category_id)
