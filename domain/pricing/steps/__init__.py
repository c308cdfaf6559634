"""The steps of a price, one file each, in the order of ``docs/algorithms/pricing.md``.

A step picks the offers of its own type and changes the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.pricing.rules import QuoteContext
from domain.pricing.steps import coupon, freight, points, reduction, second_piece, unit_price
from domain.pricing.work import Work
from domain.promotions import Offer

Step = Callable[[Work, Sequence[Offer], QuoteContext], None]

STEPS: tuple[Step, ...] = (
    unit_price.apply,
    second_piece.apply,
    reduction.apply,
    coupon.apply,
    points.apply,
    freight.apply,
)
