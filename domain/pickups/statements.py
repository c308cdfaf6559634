"""Prepared SQL of pickups: asked with each paid order."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import Pickup


@prepared
def of_order(order_id: Any) -> Any:
    """The pickup of an order; an order that goes by parcel has none."""
    return Pickup.select().where(Pickup.order == order_id)
