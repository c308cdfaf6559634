"""Errors of the ledger."""

from __future__ import annotations

from kernel.errors import Conflict


class BalanceTooLow(Conflict):
    """The balance is too low for the posting (余额不足)."""


class AlreadyBooked(Conflict):
    """A transfer with this key is in the ledger already."""
