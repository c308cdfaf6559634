"""Kinds and states of requests, and the day by which one is answered. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

from kernel import clock
from kernel.errors import Conflict, Invalid

RequestKind = Literal["access", "correction", "deletion", "objection"]
State = Literal["open", "cooling", "done", "refused", "withdrawn"]
CameBy = Literal["mall", "chat", "staff"]
Outcome = Literal["done", "refused"]
Stop = Literal[
    "order_open", "case_open", "refund_open", "withdrawal_open", "debt", "money_left"
]  # fmt: skip
"""What stands against a deletion."""

KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
WRITTEN: tuple[RequestKind, ...] = ("correction", "objection")
"""Kinds that staff answer; the others are carried out by the program."""

OPEN: tuple[State, ...] = ("open", "cooling")
MOST_TEXT = 500
SATURDAY = 5

EVENTS: dict[tuple[State, str], State] = {
    ("open", "answer_done"): "done",
    ("open", "answer_refused"): "refused",
    ("open", "carry_out"): "done",
    ("open", "take_back"): "withdrawn",
    ("cooling", "carry_out"): "done",
    ("cooling", "take_back"): "withdrawn",
}


def next_state(state: State, event: str) -> State:
    """The state after an event. Raises Conflict('state_moved')."""
    found = EVENTS.get((state, event))
    if found is None:
        raise Conflict("state_moved", state=state)
    return found


def checked_kind(kind: str) -> RequestKind:
    """A known kind. Raises Invalid('request_kind_unknown')."""
    for known in KINDS:
        if known == kind:
            return known
    raise Invalid("request_kind_unknown", "kind")


def due_after(now: datetime, working_days: int) -> datetime:
    """The last minute of so many working days, Monday to Friday, after today in Shanghai."""
    day, left = clock.business_day(now), working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return clock.day_start(day + timedelta(days=1)) - timedelta(minutes=1)
