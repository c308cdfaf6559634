"""What a rush leaves behind: what was sold out a moment ago is refused without asking again.

Only a filter in front of the database, which decides: it forgets after a second, and it never
stands between a buyer and the order that a first tap has placed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from aiohttp import web

from kernel.errors import DomainError

SECONDS = 1.0
_MOST = 1_000


class SoldOut:
    """The refusals of the last second, by SKU."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[int, tuple[float, DomainError]] = {}

    def note(self, sku_id: int, refusal: DomainError) -> None:
        """The database has just said that nothing is left."""
        if len(self._until) >= _MOST:
            self._until.clear()
        self._until[sku_id] = (self._now() + SECONDS, refusal)

    def lately(self, sku_id: int) -> DomainError | None:
        """What was said about it within the last second."""
        until, refusal = self._until.get(sku_id, (0.0, None))
        return refusal if self._now() < until else None


SOLD_OUT: web.AppKey[SoldOut] = web.AppKey("sold_out", SoldOut)
