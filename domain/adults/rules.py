"""The states of a doubt about somebody's age, its limits, and what may be typed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

import regex
from pydantic import Field

from domain.settings import Switches
from kernel.errors import Conflict, Invalid
from kernel.id_numbers import ADULT_YEARS, born_on, years_between
from kernel.text import clean_line, number_of

State = Literal["waiting", "refused", "cleared"]
Cause = Literal["staff", "said", "number"]
EndedHow = Literal["checked", "shown", "minor", "tries", "late", "staff"]
Result = Literal["asked", "match", "mismatch", "unknown", "unreadable", "minor", "unanswered"]
Verdict = Literal["match", "mismatch", "unknown", "unreadable"]
"""What the register says of a name and a number: they belong together or not, the number is not in
it, or it can't read one of them."""

CALLS_A_DAY = 10
"""Calls of the provider for one member in 24 hours, also those without an answer."""

# (state, event) -> state; every other pair raises. A refused doubt goes on to hold orders.
AGE_STATES: dict[tuple[State, str], State] = {
    ("waiting", "prove"): "cleared",
    ("waiting", "refuse"): "refused",
    ("refused", "prove"): "cleared",
}
PROOFS: tuple[EndedHow, ...] = ("checked", "shown")
NAME_MOST = 30
# The characters of names on identity cards: letters of any script, and the signs between names.
_NAME = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M} ·•・.'’-]*")


class AdultChecks(Switches):
    """How often and how long a member may prove their age (年龄核验)."""

    KEY: ClassVar[str] = "adults"
    tries: int = Field(default=3, ge=1, le=10)
    days: int = Field(default=7, ge=1, le=30)


@dataclass(frozen=True)
class Person:
    """A name and an id number as they were typed, cleaned; never logged and never kept."""

    name: str = field(repr=False)
    number: str = field(repr=False)


def checked_person(name: str, number: str) -> Person:
    """A name and a well-formed id number. Raises Invalid('real_name_bad', 'id_number_bad')."""
    text, code = clean_line(name), number_of(number)
    if not 2 <= len(text) <= NAME_MOST or not _NAME.fullmatch(text):
        raise Invalid("real_name_bad", "name")
    if born_on(code) is None:
        raise Invalid("id_number_bad", "number")
    return Person(text, code)


def is_minor(person: Person, today: date) -> bool:
    """Whether the number is that of somebody who is not yet 18."""
    born = born_on(person.number)
    return born is None or years_between(born, today) < ADULT_YEARS


def next_state(state: str, event: str) -> State:
    """The state after an event. Raises Conflict('age_decided')."""
    for (before, what), after in AGE_STATES.items():
        if (before, what) == (state, event):
            return after
    raise Conflict("age_decided")
