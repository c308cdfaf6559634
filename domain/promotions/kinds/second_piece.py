"""Second piece (第二件优惠): of each two pieces of a product the cheaper one is reduced."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from domain.promotions.kind import Ask, Kind, Live, Rules
from domain.promotions.offers import Offer, StepOffer
from kernel.money import BP


class SecondPiece(Rules):
    """The second piece costs ``rate_bp`` of its price; 0 makes it free.

    ``with_special`` lets pieces at a special unit price take part.
    """

    rate_bp: int = Field(ge=0, lt=BP)
    with_special: bool = False


def _offers(live: Live, _ask: Ask) -> Iterator[Offer]:
    terms = {"rate_bp": live.rules.rate_bp, "with_special": int(live.rules.with_special)}
    yield StepOffer(live.id, live.label, live.kind, live.version, live.scope, live.targets, terms)


KIND = Kind("second_piece", SecondPiece, ("product",), _offers, shown_at=2)
