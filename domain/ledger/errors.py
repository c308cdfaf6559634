"""What the book refuses."""

from __future__ import annotations

from kernel.errors import Conflict


class BalanceTooLow(Conflict):
    """The account does not hold what the posting takes from it (余额不足)."""


class AlreadyBooked(Conflict):
    """The event of this key is in the book already."""
