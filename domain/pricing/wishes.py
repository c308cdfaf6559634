"""The goods that fit a shopper's wish best, at the prices that an order would have (心愿)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import catalog
from domain.catalog import Goods, ProductCard, Wish
from domain.pricing.product_prices import product_cards

NEAR_MOST = 60
"""Products whose offers are looked at; the list prices choose them."""
NEAREST = 3


@dataclass(frozen=True)
class Wished:
    """What fits a wish, best first. If nothing does, ``is_exact`` is False: the nearest goods.

    ``is_said``: the words in ``Wish.about`` stand in some of them.
    """

    cards: tuple[ProductCard, ...]
    is_exact: bool
    is_said: bool
    has_more: bool = False


def wished(wish: Wish, limit: int = 8) -> Wished:
    """The goods on the shelf that fit a wish best, those in stock first; else the nearest three.

    Words in ``wish.about`` that some product has leave the others out, unless a price is named.
    """
    near = _near(wish, _pool(wish))
    by_id = {each.id: each for each in near}
    fits = {
        card: catalog.fit(wish, by_id[card.id], card.price_fen, card.sold, card.most_left)
        for card in product_cards(list(by_id))
    }
    cards = sorted(fits, key=lambda card: (card.is_sold_out, fits[card]))
    chosen = [card for card in cards if not fits[card].missed]
    is_exact = bool(chosen)
    if not is_exact:
        chosen = sorted(cards, key=lambda card: (fits[card], card.is_sold_out))[:NEAREST]
    said = [card for card in chosen if fits[card].unsaid < len(wish.about)]
    if is_exact and said and wish.price_from_fen is None and wish.price_to_fen is None:
        chosen = said
    is_said = any(card in said for card in chosen[:limit])
    return Wished(tuple(chosen[:limit]), is_exact, is_said, has_more=len(chosen) > limit)


def _pool(wish: Wish) -> list[Goods]:
    goods = catalog.goods_on_shelf()
    if wish.among:
        return [each for each in goods if each.id in wish.among]
    return [each for each in goods if each.is_liquor]


def _near(wish: Wish, pool: list[Goods]) -> list[Goods]:
    """The goods that are worth a look at their offers and stock."""
    if len(pool) <= NEAR_MOST:
        return pool
    if wish.order == "most_sold":
        ids = set(catalog.best_sellers(NEAR_MOST))
        return [each for each in pool if each.id in ids]
    pieces = wish.pieces or 0  # the stock is not known yet, and not compared
    fits = {each: catalog.fit(wish, each, each.price_fen, 0, pieces) for each in pool}
    return sorted(pool, key=fits.__getitem__)[:NEAR_MOST]
