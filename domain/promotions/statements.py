"""Prepared SQL of promotions, used by every order."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import OfferRow


@prepared
def versions_on(at: Any) -> Any:
    """Id, version and time of change of each promotion that is on and not over."""
    return (
        OfferRow.select(OfferRow.id, OfferRow.version, OfferRow.updated_at)
        .where((OfferRow.state == "on") & (OfferRow.ends_at > at))
        .order_by(OfferRow.id)
    )
