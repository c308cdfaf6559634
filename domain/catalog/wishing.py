"""What a sentence says about goods: which products it names, and which fit a wish best (心愿)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from domain.catalog import statements
from kernel.words import folded

GOODS_MOST = 500
_PART = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"([0-9]{1,3})(?:\.([0-9]+))?")
TENTHS, BP = 10, 10_000
WHOLE_STRENGTH = 100 * TENTHS
WishOrder = Literal["fitting", "cheapest", "dearest", "mildest", "strongest", "most_sold"]


@dataclass(frozen=True)
class Goods:
    """A product on the shelf as sentences are compared with it. The price is the list price."""

    id: int
    title: str
    category: str
    words: str
    strength: str
    is_liquor: bool
    price_fen: int

    def has(self, word: str) -> bool:
        """Whether title, specifications, tags or category contain a word."""
        return word in self.words or word in self.category


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a shopper wants. ``about`` are words that speak for a product, such as 送礼.

    ``pieces`` must be in stock. ``among``: only these products; if it is empty, any liquor.
    Prices in fen.
    """

    price_from_fen: int | None = None
    price_to_fen: int | None = None
    strength: int | None = None
    aroma: str = ""
    pieces: int | None = None
    about: tuple[str, ...] = ()
    among: frozenset[int] = frozenset()
    order: WishOrder = "fitting"

    @property
    def is_any(self) -> bool:
        """True if nothing is wished for in particular."""
        return self == Wish()


@dataclass(frozen=True, order=True)
class Fit:
    """How well a product fits a wish; the least is the best. ``missed`` counts what it lacks."""

    missed: int
    gap_bp: int
    unsaid: int
    rank: int


def goods_on_shelf() -> list[Goods]:
    """The products on the shelf in the merchant's order, at most 500."""
    return [_goods(row) for row in statements.goods_on_shelf.all(GOODS_MOST)]


@lru_cache(maxsize=2 * GOODS_MOST)
def _goods(r: Any) -> Goods:
    """A row with its texts folded; an unchanged row is folded once."""
    return Goods(
        r.id, r.title, folded(r.category_name), folded(r.search_text), r.strength, r.is_liquor,
        r.from_price_fen,
    )  # fmt: skip


def best_sellers(limit: int) -> list[int]:
    """Ids of the products on the shelf that sold most, best first."""
    return [row.product_id for row in statements.best_sellers.all(limit)]


def goods_named(
    sentence: str, goods: Sequence[Goods], too_common: Collection[str] = ()
) -> list[int]:
    """Ids of the products whose name a folded sentence contains, wholly or in part.

    Of several, those of which it contains most: '山泉坊的陈酿' names one product of the brand.
    A category counts only if no title does; a pair of characters in ``too_common`` never does.
    """
    said = _pairs_of(sentence) - set(too_common)
    for name_of in (_title, _category):
        covered = {each.id: _covered(_name_pairs(name_of(each)), said) for each in goods}
        most = max(covered.values(), default=0)
        if most:
            return [each.id for each in goods if covered[each.id] == most]
    return []


def fit(wish: Wish, goods: Goods, price_fen: int, sold: int, left: int) -> Fit:
    """How well a product at this price fits a wish; ``left`` pieces are in stock."""
    price_gap = _gap(price_fen, wish.price_from_fen, wish.price_to_fen)
    strength_gap = _strength_gap(wish.strength, goods.strength)
    lacks_aroma = bool(wish.aroma) and not goods.has(wish.aroma)
    is_short = wish.pieces is not None and wish.pieces > left
    unsaid = sum(not goods.has(word) for word in wish.about)
    return Fit(
        missed=(price_gap > 0) + (strength_gap > 0) + lacks_aroma + is_short,
        gap_bp=price_gap * BP // max(price_fen, 1) + strength_gap * BP // WHOLE_STRENGTH,
        unsaid=unsaid,
        rank=_rank(wish, goods, price_fen, sold),
    )


def _pairs(text: str) -> list[tuple[str, ...]]:
    """The neighbouring characters of each part between signs, figures alone left out."""
    return [
        tuple("" if pair.isdigit() else pair for pair in map("".join, pairwise(part)))
        for part in _PART.findall(text)
    ]


def _pairs_of(sentence: str) -> set[str]:
    return {pair for pairs in _pairs(sentence) for pair in pairs if pair}


@lru_cache(maxsize=2 * GOODS_MOST)
def _name_pairs(name: str) -> list[tuple[str, ...]]:
    return _pairs(folded(name))


def _covered(parts: Iterable[Sequence[str]], said: set[str]) -> int:
    """How many characters of a name's parts stand in pairs that are said."""
    total = 0
    for pairs in parts:
        was_said = False
        for pair in pairs:
            is_said = pair in said
            total += is_said * (1 if was_said else 2)
            was_said = is_said
    return total


def _title(goods: Goods) -> str:
    return goods.title


def _category(goods: Goods) -> str:
    return goods.category


def _gap(value: int, low: int | None, high: int | None) -> int:
    if low is not None and value < low:
        return low - value
    return value - high if high is not None and value > high else 0


def _strength_gap(wanted: int | None, strength: str) -> int:
    """Tenths of a degree between a wish and a bottle; the most if it doesn't say."""
    if wanted is None:
        return 0
    ends = _strengths(strength)
    return _gap(wanted * TENTHS, min(ends), max(ends)) if ends else WHOLE_STRENGTH


def _strengths(strength: str) -> list[int]:
    """The figures of a strength in tenths of a degree: '42-52.8%vol' → 420, 528."""
    found = _FIGURE.finditer(strength)
    return [int(each[1]) * TENTHS + int((each[2] or "0")[:1]) for each in found]


def _rank(wish: Wish, goods: Goods, price_fen: int, sold: int) -> int:
    ends = _strengths(goods.strength) or [WHOLE_STRENGTH]
    ranks: dict[WishOrder, int] = {
        "fitting": 0,
        "cheapest": price_fen,
        "dearest": -price_fen,
        "mildest": min(ends),
        "strongest": -max(_strengths(goods.strength) or [0]),
        "most_sold": -sold,
    }
    return ranks[wish.order]
