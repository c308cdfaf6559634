"""What the gate answers, and how long a call keeps others away. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

LEASE = timedelta(seconds=60)
"""Longer than a call can last: within it nobody repeats a call that has no definite answer."""


@dataclass(frozen=True)
class Problem:
    """Why something can't be done now: a code that faces put into words, and its facts."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    """The right to make one call. ``request`` is what is sent, as the row keeps it."""

    call_id: int
    subject: str
    row_id: int
    request: Any


@dataclass(frozen=True)
class Kind:
    """A kind of call: whose row it is about, how that is locked, and what it checks.

    ``lock`` locks the row and whatever must be locked before it. ``check`` re-reads everything
    that allows or forbids the call and answers what is to be sent, or why nothing is.
    """

    name: str
    subject: str
    lock: Callable[[int], Any]
    check: Callable[[int, Any], Any]


@dataclass(frozen=True)
class CallView:
    """A call, for the merchant's page: who asked, when, and what was answered."""

    kind: str
    asked_by: str
    entered_at: datetime
    left_at: datetime | None
    answer: str | None
