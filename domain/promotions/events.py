"""Events that promotions publish; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OfferBegan:
    """A promotion began (活动开始)."""

    offer_id: int


@dataclass(frozen=True)
class OfferStopped:
    """The merchant stopped a promotion before its end (活动停止)."""

    offer_id: int
