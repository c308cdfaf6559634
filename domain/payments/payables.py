"""Payables (应付项): what a payment pays, named by ``(kind, id, no)``.

The order is one kind. A kind is registered by the domain that owns it; payments know nothing else
of it. See ADR 0063.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class PayableRef:
    """One payable. WeChat keeps ``no`` with the payment and returns it."""

    kind: str
    id: int
    no: str


@dataclass(frozen=True)
class ReceivedPayment:
    """A payment of the right amount, already booked."""

    payment_id: int
    payable: PayableRef
    amount_fen: int
    at: datetime


@dataclass(frozen=True)
class RejectedPayment:
    """Why a payment is not taken and is refunded."""

    cause: Literal["late", "duplicate"]


@dataclass(frozen=True)
class Payable:
    """A kind of payable.

    ``take`` runs in the transaction that books the payment; it takes the money (None) or says why
    not. ``find`` returns the id for a number, for a payment that only WeChat knows after a
    restore. Numbers of different kinds must differ. ``page`` is the merchant's page of one, with
    ``{no}`` or ``{id}``; '' for none.
    """

    kind: str
    take: Callable[[ReceivedPayment], RejectedPayment | None]
    find: Callable[[str], int | None]
    page: str = ""


_payables: dict[str, Payable] = {}


def register_payable(payable: Payable) -> None:
    """Register a kind by its name; a second call replaces it."""
    _payables[payable.kind] = payable


def forget_payables() -> None:
    """Remove every kind; for tests."""
    _payables.clear()


def payable_of(kind: str) -> Payable:
    """The registered kind. Raises LookupError; nothing is booked, and WeChat notifies again."""
    if kind not in _payables:
        raise LookupError(f"nobody takes money for {kind}")
    return _payables[kind]


def page_of_payable(ref: PayableRef) -> str:
    """The merchant's page of a payable; '' if it has none."""
    kind = _payables.get(ref.kind)
    return "" if kind is None else kind.page.format(no=ref.no, id=ref.id)


def find_payable(no: str) -> PayableRef | None:
    """The payable with this number, of any kind, or None."""
    for kind, payable in _payables.items():
        found = payable.find(no)
        if found is not None:
            return PayableRef(kind, found, no)
    return None
