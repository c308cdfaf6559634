"""Limited-time price (限时价): a lower unit price for a while, set in fen or as a rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from domain.promotions.kind import Ask, Kind, Live, Rules
from domain.promotions.offers import Offer, UnitPriceOffer
from kernel.money import BP, rate_of

PRICE_MOST_FEN = 100_000_000
Fen = Annotated[int, Field(ge=0, le=PRICE_MOST_FEN)]


class LimitedPrice(Rules):
    """Either ``rate_bp`` of the list price in basis points, or a price in fen for each SKU."""

    rate_bp: int | None = Field(default=None, ge=1, lt=BP)
    prices: dict[int, Fen] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> LimitedPrice:
        if (self.rate_bp is None) == (not self.prices):
            raise ValueError("a limited-time price is a rate, or prices")
        return self


def unit_price(rules: LimitedPrice, sku_id: int, list_fen: int) -> int | None:
    """The price of one piece in fen, rounded down; None if it is not below the list price."""
    if rules.rate_bp is not None:
        price: int | None = rate_of(list_fen, rules.rate_bp)
    else:
        price = rules.prices.get(sku_id)
    return price if price is not None and price < list_fen else None


def _offers(live: Live, ask: Ask) -> Iterator[Offer]:
    for line in ask.lines:
        price = unit_price(live.rules, line.sku_id, line.unit_price_fen)
        if price is not None:
            yield UnitPriceOffer(live.id, live.label, line.sku_id, price, live.kind, live.version)


KIND = Kind("limited_price", LimitedPrice, ("sku", "product"), _offers, unit_price)
