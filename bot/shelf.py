"""What stands on the shelf, for questions that look at all of it: read at most once a second.

Most questions about a product, and many that only might name one, compare their words with every
product on the shelf. A price or a name may therefore be shown for a second after it was changed;
the price of an order is worked out anew from the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from domain import catalog, pricing
from domain.catalog import Goods, ProductCard

FRESH_SECONDS = 1.0
FIRST_MOST = 9
"""Cards from the top of the shelf that are kept: one more than an answer shows."""

T = TypeVar("T")


class _Lately(Generic[T]):
    """A query's result of the last second in this process."""

    def __init__(self, query: Callable[[], T]) -> None:
        self._query = query
        self._known: tuple[float, T] | None = None

    def __call__(self) -> T:
        known, now = self._known, time.monotonic()
        if known is None or now - known[0] >= FRESH_SECONDS:
            known = self._known = (now, self._query())
        return known[1]

    def forget(self) -> None:
        self._known = None


_goods = _Lately(lambda: tuple(catalog.goods_on_shelf()))
_first = _Lately(lambda: pricing.home(FIRST_MOST).cards)


def goods() -> tuple[Goods, ...]:
    """The products on the shelf in the merchant's order."""
    return _goods()


def first_cards(limit: int) -> list[ProductCard]:
    """The first products of the shelf, at most ``FIRST_MOST``."""
    return list(_first()[:limit])


def forget() -> None:
    """Drop what is kept; for tests."""
    _goods.forget()
    _first.forget()
