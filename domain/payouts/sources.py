"""What is paid for: each source tells the bill machine what it may pay and hears what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.gate import Problem
from domain.payments.ports import TransferResult


@dataclass(frozen=True)
class Wanted:
    """What a bill is to pay now, or the source's own reason why it may not be sent."""

    gross_fen: int
    fee_fen: int
    payee_type: str | None = None  # as it was when this was asked for
    problem: Problem | None = None


@dataclass(frozen=True)
class Moved:
    """A step of a bill, as its source hears it in the same transaction."""

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

    ``lock`` locks the source's row and what must be locked before it: it runs before the bill is
    locked. ``follow`` books and tells. ``adopt`` makes the bill of a transfer that only WeChat
    knows after a restore; it answers the bill's id, or why a person must look.
    """

    name: str
    prefix: str
    lock: Callable[[int], None]
    wanted: Callable[[int], Wanted]
    note: Callable[[int, str], None]
    follow: Callable[[Moved], None]
    adopt: Callable[[TransferResult, str], int | str]


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make a source known by its name."""
    _SOURCES[source.name] = source


def source_of(name: str) -> Source:
    """The source of a bill."""
    return _SOURCES[name]


def source_by_number(out_bill_no: str) -> Source | None:
    """The source whose numbers begin like this one, for a bill that only WeChat knows."""
    return next((s for s in _SOURCES.values() if out_bill_no.startswith(s.prefix)), None)
