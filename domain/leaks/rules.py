"""The states of a leak and of those whom it concerns, and the clocks. Pure.

The law: Personal Information Protection Law, article 57. Remedies, the authority and the people
concerned are due at once. For larger incidents an operator has at most four hours to report to
the network authority of its province (国家网络安全事件报告管理办法, article 4, since 2025-11-01).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from kernel.errors import Conflict

State = Literal["open", "closed"]
PersonState = Literal["waiting", "sending", "reached", "unknown", "not_reached", "by_hand"]
Who = Literal["all", "buyers", "distributors", "listed"]
WHO: tuple[Who, ...] = ("all", "buyers", "distributors", "listed")
AUTHORITY_WITHIN = timedelta(hours=4)
PEOPLE_WITHIN = timedelta(hours=24)
"""Our own clock for the people concerned; the law says at once and names no number."""

OLDEST = timedelta(days=365)
LISTED_MOST = 2000
PAGE = 500
SENT_AT_ONCE = 40
TEXT_MOST, TEXT_LEAST = 500, 4
CONTACT_MOST, PROOF_MOST, NOTE_MOST = 100, 200, 150

EVENTS: dict[tuple[State, str], State] = {("open", "close"): "closed"}


def check_open(state: str) -> None:
    """Refuse to change a closed leak. Raises Conflict('leak_closed')."""
    if (state, "close") not in EVENTS:
        raise Conflict("leak_closed")
