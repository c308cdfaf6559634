"""Pickups with a step that is due by time; each list is limited and oldest first."""

from __future__ import annotations

from kernel import clock
from models import Pickup

MOST = 100


def to_remind() -> list[int]:
    """Pickups whose buyers are to be reminded."""
    due = (Pickup.state == "ready") & (Pickup.remind_at <= clock.now())
    return [row.id for row in Pickup.select().where(due).order_by(Pickup.remind_at).limit(MOST)]


def to_refund() -> list[int]:
    """Pickups whose time is over."""
    due = (Pickup.state == "ready") & (Pickup.collect_by_at <= clock.now())
    query = Pickup.select().where(due).order_by(Pickup.collect_by_at)
    return [row.id for row in query.limit(MOST)]
