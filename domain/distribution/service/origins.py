"""By what members came into the mall, and what that says about an order (来源与入口). ADR 82."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain import orders
from domain.distribution import statements
from kernel import clock
from kernel.store import insert_once
from models import Arrival

FRESH = timedelta(hours=24)
"""Who came in longer ago than this has come back by themselves: ``direct``."""

TOUCHES_READ = 20


def record_arrival(member_id: int, medium: str) -> None:
    """Record that a member came in by the account's menu or by a link in its messages."""
    if medium not in orders.OF_THE_ACCOUNT:
        raise ValueError(f"no way of the account: {medium!r}")
    now = clock.now()
    if not statements.renew_arrival.run(member_id, medium, now):
        insert_once(Arrival, member=member_id, medium=medium, at=now)


def record_origin(order_id: int, member_id: int, seller_id: int | None) -> None:
    """Keep source and medium of an order that is being placed.

    The medium is the latest way in of the last 24 hours. The source is that by which the seller
    was met last, however long ago; without a seller it is the medium.
    """
    touches = statements.touches_of_member.all(member_id, TOUCHES_READ)
    medium = _latest(member_id, touches)
    met = next((row.source for row in touches if row.referrer_id == seller_id), None)
    if met is None and seller_id is not None:
        met = statements.touch_of_seller.first(member_id, seller_id)
        met = met.source if met is not None else None
    orders.record_origin(order_id, met or medium, medium)


def _latest(member_id: int, touches: list[Any]) -> str:
    """The medium of the latest way in, by a distributor's touch or by the account."""
    ways: list[tuple[datetime, str]] = [(row.last_at, row.source) for row in touches[:1]]
    came = statements.arrival.first(member_id)
    if came is not None:
        ways.append((came.at, came.medium))
    since = clock.now() - FRESH
    return max((way for way in ways if way[0] > since), default=(since, orders.DIRECT))[1]
