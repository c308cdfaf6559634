"""What is paid for (应付项): each kind takes money or not, and finds itself by its number.

An order is one kind. A kind is registered by the domain that owns it; payments name what they pay
by ``(kind, id, no)`` and know no more of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PayableRef:
    """One thing that is paid for. WeChat is told ``no``, and tells it with the payment."""

    kind: str
    id: int
    no: str


@dataclass(frozen=True)
class Arrived:
    """Money of the right amount that arrived and is booked."""

    payment_id: int
    payable: PayableRef
    amount_fen: int
    at: datetime


@dataclass(frozen=True)
class TurnedAway:
    """Why money can't be taken; it goes back by itself. ``reason`` is what the buyer reads."""

    cause: str  # late, duplicate
    reason: str


@dataclass(frozen=True)
class Payable:
    """A kind of thing that is paid for.

    ``take`` takes the money in the transaction that books it, or answers why not. ``find`` looks
    up an id by its number, for a payment that only WeChat knows after a restore; numbers of two
    kinds differ.
    """

    kind: str
    take: Callable[[Arrived], TurnedAway | None]
    find: Callable[[str], int | None]


_payables: dict[str, Payable] = {}


def register(payable: Payable) -> None:
    """Make a kind known by its name; again replaces it."""
    _payables[payable.kind] = payable


def forget_payables() -> None:
    """Forget every kind; for tests that wire their own."""
    _payables.clear()


def payable_of(kind: str) -> Payable:
    """A kind. Money of a kind that nobody registered is not booked: WeChat tells it again."""
    if kind not in _payables:
        raise LookupError(f"nobody takes money for {kind}")
    return _payables[kind]


def find_payable(no: str) -> PayableRef | None:
    """What a number names, whatever its kind."""
    for kind, payable in _payables.items():
        found = payable.find(no)
        if found is not None:
            return PayableRef(kind, found, no)
    return None
