"""The offers for what a shopper wants; pricing calls this."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.promotions.choices import Choices, unknown_choice
from domain.promotions.kind import Ask
from domain.promotions.kinds import KINDS
from domain.promotions.live import live_offers
from domain.promotions.offers import Offer, QuoteLine


def offers_for(
    member_id: int | None, lines: Sequence[QuoteLine], choices: Choices, at: datetime, *,
    is_fresh: bool = False,
) -> tuple[Offer, ...]:  # fmt: skip
    """The offers for these lines at an instant, by every promotion that runs then (优惠).

    ``is_fresh`` is for an order: the promotions are checked again in its transaction. Raises
    Invalid('choice_not_offered') for a choice that no kind of promotion takes.
    """
    taken = {kind.choice for kind in KINDS.values()}
    for name in choices.made:
        if name not in taken:
            raise unknown_choice(name)
    found: list[Offer] = []
    for live in live_offers(at, is_fresh=is_fresh):
        covered = [line for line in lines if live.covers(line)]
        if covered:
            found += KINDS[live.kind].offers(live, Ask(member_id, covered, choices, at))
    return tuple(found)
