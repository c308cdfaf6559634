"""The buyer's choices among offers: one value that travels from the page to the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from kernel.errors import Invalid
from kernel.text import shortened

MOST = 10**15


@dataclass(frozen=True)
class Choices:
    """What the buyer chose (买家的选择); None means no choice."""

    coupon_id: int | None = None

    @property
    def made(self) -> tuple[str, ...]:
        """The names of the choices that were made."""
        return tuple([name for name, value in vars(self).items() if value is not None])


NO_CHOICES = Choices()


def read_choices(typed: Mapping[str, str]) -> Choices:
    """Choices as a page sends them, by name; an empty text means no choice.

    Raises Invalid('choice_not_offered', name=…) for an unknown name or a value that is no number.
    """
    if not typed:
        return NO_CHOICES
    known = {f.name for f in fields(Choices)}
    made = {}
    for name, text in typed.items():
        if not text:
            continue
        if name not in known or not (text.isascii() and text.isdigit() and int(text) < MOST):
            raise unknown_choice(name)
        made[name] = int(text)
    return Choices(**made)


def unknown_choice(name: str) -> Invalid:
    """The error for a choice that no promotion takes."""
    return Invalid("choice_not_offered", "choices", name=shortened(name, 40, 40))
