"""By what members came into the mall, and what that says about an order (来源与入口). ADR 82."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from domain import orders
from domain.distribution import statements
from kernel import clock
from kernel.fields import from_micros
from kernel.store import insert_once
from models import Arrival

FRESH = timedelta(hours=24)
"""Who came in longer ago than this has come back by themselves: ``direct``."""

TOUCHES_READ = 20


class _Way(NamedTuple):
    """A way in: a touch by a distributor, or the account's menu or messages (no referrer)."""

    referrer_id: int | None
    source: str
    at: datetime


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
    ways = [
        _Way(by, source, from_micros(at))
        for by, source, at in statements.ways_of_member.all(member_id, TOUCHES_READ)
    ]
    medium = _latest(ways)
    touches = sorted((way for way in ways if way.referrer_id), key=_at, reverse=True)
    met = next((way.source for way in touches if way.referrer_id == seller_id), None)
    if met is None and seller_id is not None:
        row = statements.touch_of_seller.first(member_id, seller_id)
        met = None if row is None else row.source
    orders.record_origin(order_id, met or medium, medium, seller_id)


def _latest(ways: list[_Way]) -> str:
    """The medium of the latest way in, by a distributor's touch or by the account."""
    last = max(ways, key=_at, default=None)
    return orders.DIRECT if last is None or last.at <= clock.now() - FRESH else last.source


def _at(way: _Way) -> datetime:
    return way.at
