"""What every order asks of promotions: SQL that is made once."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import OfferRow


@prepared
def standing(at: Any) -> Any:
    """Which are on and not over, with what tells two states of one apart."""
    return (
        OfferRow.select(OfferRow.id, OfferRow.version, OfferRow.updated_at)
        .where((OfferRow.state == "on") & (OfferRow.ends_at > at))
        .order_by(OfferRow.id)
    )
