"""Sources of payouts: they say what a bill may pay, and follow its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.gate import Problem
from domain.payments.ports import TransferResult


@dataclass(frozen=True)
class AmountToPay:
    """What a bill is to pay now in fen, or why it may not be sent."""

    gross_fen: int
    fee_fen: int
    payee_type: str | None = None  # the type when the payment was requested
    problem: Problem | None = None


@dataclass(frozen=True)
class BillStep:
    """A step of a bill, passed to its source in the same transaction."""

    bill_id: int
    source_id: int
    event: str
    state: str
    actor: str
    gross_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int
    channel: str
    mchid: str | None
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """One kind of thing that is paid out (付款来源).

    ``lock`` locks the source's row and all that is locked before it; it runs before the bill is
    locked. ``on_step`` books a step and notifies. ``adopt`` makes the bill of a transfer that only
    WeChat knows after a restore; it returns the bill's id, or why a person must look at it.
    ``unsent`` gives a page of (id, number) after an id: what has no sent bill, but may have been
    sent by the installation before a restore. ``booked_as`` is the source of its ledger entries,
    whose ids are those of this source. ``page`` is the merchant's page of one, with ``{id}``.
    """

    name: str
    prefix: str
    booked_as: str
    lock: Callable[[int], None]
    amount_to_pay: Callable[[int], AmountToPay]
    note: Callable[[int, str], None]
    on_step: Callable[[BillStep], None]
    adopt: Callable[[TransferResult, str], int | str]
    unsent: Callable[[int], list[tuple[int, str]]]
    page: str = ""


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Register a source by its name."""
    _SOURCES[source.name] = source


def source_of(name: str) -> Source:
    """The source with this name."""
    return _SOURCES[name]


def all_sources() -> tuple[Source, ...]:
    """Every registered source."""
    return tuple(_SOURCES.values())


def source_by_number(out_bill_no: str) -> Source | None:
    """The source whose prefix the number has, or None; for a bill that only WeChat knows."""
    return next((s for s in _SOURCES.values() if out_bill_no.startswith(s.prefix)), None)
