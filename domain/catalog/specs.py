"""Specifications and their combinations (规格). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product as combined
from typing import Any

Choices = tuple[str, ...]
"""A value of each specification."""


@dataclass(frozen=True)
class Spec:
    """A specification and its values: 容量 with 500ml and 1L."""

    name: str
    values: tuple[str, ...]


def specs_of(stored: Any) -> tuple[Spec, ...]:
    """The specifications in a product's column."""
    return tuple(Spec(each["name"], tuple(each["values"])) for each in stored or ())


def spec_text(choices: Iterable[str]) -> str:
    """The text of a combination."""
    return " ".join(each for each in choices if each)


def combinations(specs: Sequence[Spec]) -> list[Choices]:
    """Every combination, the last specification changing first."""
    return list(combined(*(spec.values for spec in specs)))


def choose(current: Choices, place: int, value: str, sold: Iterable[Choices]) -> Choices | None:
    """The combination after a value of one specification is chosen; None if none has it.

    The specifications before it stay as they are. Those behind it stay as far as such a
    combination is sold, the first ones first; else they follow the order of ``sold``.
    """
    fixed = (*current[:place], value)
    fitting = [each for each in sold if each[: place + 1] == fixed]

    def kept(each: Choices) -> int:
        same = 0
        for now, then in zip(current[place + 1 :], each[place + 1 :], strict=True):
            if now != then:
                break
            same += 1
        return same

    return max(fitting, key=kept) if fitting else None
