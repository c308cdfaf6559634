"""Which product was spoken of last, for questions that leave it out: "那多少钱", "这个多少度".

It is kept for ten minutes in Redis and may be lost: then the person is asked which one is meant.
"""

from __future__ import annotations

import json
import logging

from kernel.round_trips import DOWN, RoundTrips

log = logging.getLogger("fenmall.bot")

KEPT_SECONDS = 600
ABOUT_A_PRODUCT = frozenset({"price", "product_detail", "stock", "discount", "use"})
"""Intents whose answer is about one product."""


async def remember(trips: RoundTrips, openid: str, product_id: int) -> None:
    """This product was shown to this person now."""
    try:
        await trips.ask("SET", _key(openid), json.dumps(product_id), "EX", KEPT_SECONDS)
    except DOWN as error:
        log.warning("what was spoken of is not remembered: %s", error)


async def product_of(trips: RoundTrips, openid: str) -> int | None:
    """The product that was spoken of within the last ten minutes, or None."""
    try:
        found = await trips.ask("GET", _key(openid))
    except DOWN as error:
        log.warning("what was spoken of is unknown: %s", error)
        return None
    product_id: int | None = json.loads(found) if found else None
    return product_id


def _key(openid: str) -> str:
    return f"topic:{openid}"
