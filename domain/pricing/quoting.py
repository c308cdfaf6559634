"""The price of an order, computed in a fixed order of steps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.pricing.rules import Quote, QuoteContext
from domain.pricing.steps import STEPS
from domain.pricing.work import Work
from domain.promotions import Offer, QuoteLine


def quote(lines: Sequence[QuoteLine], offers: Iterable[Offer], ctx: QuoteContext) -> Quote:
    """The quote of an order: each line's price, the offers applied, and why others were not."""
    work, given = Work.of(lines), tuple(offers)
    for apply in STEPS:
        apply(work, given, ctx)
    return work.quote()
