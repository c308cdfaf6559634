"""What this shop pays whoever sells for it, with an example in its own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bot import shelf
from domain import catalog, distribution, pricing, settings
from domain.catalog import ProductCard

TRIED = 3
"""How many products are looked at for one that pays commission."""


@dataclass(frozen=True)
class Example:
    """One piece of a product: what it pays the seller, and the rate; no rate for a fixed sum."""

    card: ProductCard
    fen: int
    rates: tuple[Fraction, ...]


@dataclass(frozen=True)
class Earning:
    """The present rules, how many levels are paid, and an example; None if nothing pays."""

    levels: int
    rules: settings.Distribution
    example: Example | None


def earning(member_id: int | None) -> Earning:
    """What a distributor earns now, at this member's grade."""
    levels = distribution.levels_now()
    rules = settings.get(settings.Distribution)
    return Earning(levels, rules, _example(member_id) if levels else None)


def _example(member_id: int | None) -> Example | None:
    """The best-selling product that pays commission, else one from the front page."""
    best = catalog.best_seller()
    shown = pricing.product_cards([best]) if best else []
    others = [card for card in shelf.first_cards(TRIED) if card.id != best]
    for card in [*shown, *others][:TRIED]:
        mine = distribution.preview_commission(card.id, member_id).mine
        if mine is not None and mine.from_fen:
            return Example(card, mine.from_fen, mine.rates)
    return None
