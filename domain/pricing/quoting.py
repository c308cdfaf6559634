"""The price of an order in a fixed order of steps. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.pricing.rules import Quote, QuoteContext
from domain.pricing.steps import STEPS
from domain.pricing.work import Work
from domain.promotions import Offer, QuoteLine


def quote(lines: Sequence[QuoteLine], offers: Iterable[Offer], ctx: QuoteContext) -> Quote:
    """The price of an order: what each line costs, through which offers, why not by others."""
    work, given = Work.of(lines), tuple(offers)
    for apply in STEPS:
        apply(work, given, ctx)
    return work.quote()
