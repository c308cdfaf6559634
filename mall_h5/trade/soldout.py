"""SKUs that sold out within the last second: further orders are refused without a query.

This spares the database in a rush. It is only a filter: the database decides about stock. It
forgets after a second, and it never blocks a buyer whose earlier tap has placed the order.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from aiohttp import web

from kernel.errors import DomainError

SECONDS = 1.0
_MOST = 1_000


class SoldOut:
    """The sold-out refusals of the last second, by SKU."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[int, tuple[float, DomainError]] = {}

    def note(self, sku_id: int, refusal: DomainError) -> None:
        """Remember a refusal that the database has just given."""
        if len(self._until) >= _MOST:
            self._until.clear()
        self._until[sku_id] = (self._now() + SECONDS, refusal)

    def lately(self, sku_id: int) -> DomainError | None:
        """The refusal for the SKU if it is less than a second old, else None."""
        until, refusal = self._until.get(sku_id, (0.0, None))
        return refusal if self._now() < until else None


SOLD_OUT: web.AppKey[SoldOut] = web.AppKey("sold_out", SoldOut)
