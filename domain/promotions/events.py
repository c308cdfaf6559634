"""What other domains hear of promotions, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OfferBegan:
    """A promotion began and holds from now on (活动开始)."""

    offer_id: int


@dataclass(frozen=True)
class OfferStopped:
    """Somebody stopped a promotion before its end (活动停止)."""

    offer_id: int
