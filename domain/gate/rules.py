"""The gate's values, and the time within which a call is not repeated. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

LEASE = timedelta(seconds=60)
"""Longer than a call can last; within it a call without a definite answer is not repeated."""


@dataclass(frozen=True)
class Problem:
    """Why something can't be done now: a code, to which faces have a text, and its facts."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    """Permission for one call; ``request`` is sent as it is stored in the row."""

    call_id: int
    subject: str
    row_id: int
    request: Any


@dataclass(frozen=True)
class Kind:
    """A kind of call: its subject, how the row is locked, and the check.

    ``lock`` locks the row after all that must be locked before it. ``check`` reads again
    everything that allows or forbids the call, and returns the request or a Problem.
    """

    name: str
    subject: str
    lock: Callable[[int], Any]
    check: Callable[[int, Any], Any]
