"""The shape of a message: what rules out most handlers without a look at the whole of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The class of a message, the kind of an event or "", the first letter of the words or ""."""

    message: type
    event: str
    letter: str
