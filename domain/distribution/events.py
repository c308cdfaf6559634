"""Events that distribution publishes; subscribers run in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DistributorApplied:
    """A member applied to become a distributor, or was admitted at once (申请分销)."""

    member_id: int
