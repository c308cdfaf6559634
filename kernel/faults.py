"""What went wrong, as a row keeps it: a code and facts; faces make the sentence (故障).

The code is the other system's or our own. ``said`` is evidence, kept as it came: WeChat's message,
or that of a bug.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kernel.errors import DomainError, GatewayError, Refused, Retryable, Unknown

CODE_MOST = 100
SAID_MOST = 500
BUG = "bug"
SAID_BEFORE = "said_before"
"""The code of what an earlier release wrote as a sentence; ``said`` is the sentence."""


class FaultKind(StrEnum):
    """What is known about the failure."""

    REFUSED = "refused"
    RETRYABLE = "retryable"
    UNKNOWN = "unknown"
    GATEWAY = "gateway"
    RULE = "rule"
    WAITS = "waits"
    BUG = "bug"


_KINDS = (
    (Refused, FaultKind.REFUSED),
    (Retryable, FaultKind.RETRYABLE),
    (Unknown, FaultKind.UNKNOWN),
    (GatewayError, FaultKind.GATEWAY),
)


@dataclass(frozen=True)
class Fault:
    """A failure: its code, its kind, what the other side said, and figures by name."""

    code: str
    kind: str = ""
    said: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stored(self) -> dict[str, Any] | None:
        """What stands beside the code in the row; None if there is nothing."""
        parts = {"kind": str(self.kind), "said": self.said, "facts": dict(self.facts)}
        return {name: value for name, value in parts.items() if value} or None


def fault_of(error: Exception, **facts: Any) -> Fault:
    """The failure that an exception reports; ``facts`` are added to its own."""
    if isinstance(error, DomainError):
        known = error.facts | ({"field": error.field} if error.field else {}) | facts
        return Fault(error.code, FaultKind.RULE, "", _plain(known))
    for kind, name in _KINDS:
        if isinstance(error, kind):
            said = error.message[:SAID_MOST]
            return Fault(error.code[:CODE_MOST], name, said, _plain(facts))
    facts = {"error": type(error).__name__} | facts
    return Fault(BUG, FaultKind.BUG, str(error)[:SAID_MOST], _plain(facts))


def fault_in(code: str | None, stored: Mapping[str, Any] | None) -> Fault | None:
    """The failure that a row's two columns hold; None if it has none."""
    if code is None:
        return None
    parts = stored or {}
    return Fault(code, parts.get("kind", ""), parts.get("said", ""), parts.get("facts", {}))


def last_error(fault: Fault | None) -> dict[str, Any]:
    """The values of the columns ``last_error`` and ``last_error_facts``."""
    if fault is None:
        return {"last_error": None, "last_error_facts": None}
    return {"last_error": fault.code, "last_error_facts": fault.stored}


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON has them; what is no number, truth or text is written as text."""
    return {
        name: value if isinstance(value, int | str | float | None) else str(value)
        for name, value in facts.items()
    }
