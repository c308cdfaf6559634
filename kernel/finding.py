"""What somebody looks for in the merchant's pages (全站查找), normalised once for every finder.

A finder is a query of a domain package: it takes a ``Sought`` and a limit, uses indexes only, and
answers what it found of its own kind. The face lists the finders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.text import clean_line, number_of, phone_of, shortened, tracking_of

LONGEST = 64
_NUMBER = re.compile(r"[0-9A-Z]{2,64}")
_PHONE = re.compile(r"1[0-9]{10}")


@dataclass(frozen=True)
class Sought:
    """Words as a person typed them, and what they may be; '' for what they can't be.

    Invisible characters, full-width forms, separators and China's prefix of phones are gone.
    """

    text: str
    number: str
    phone: str
    tracking: str

    @classmethod
    def of(cls, typed: str) -> Sought:
        """Reads what was typed or pasted."""
        text = shortened(clean_line(typed), LONGEST, LONGEST)
        number, phone = number_of(text), phone_of(text)
        is_number = _NUMBER.fullmatch(number) is not None
        return cls(
            text,
            number if is_number else "",
            phone if _PHONE.fullmatch(phone) else "",
            tracking_of(text) if is_number else "",
        )


@dataclass(frozen=True)
class Found:
    """One hit: its place in the address, its name, and what tells it from others.

    ``about`` is masked as on the list of its kind. ``page`` is its address where that isn't made
    of ``key`` alone.
    """

    key: str
    name: str
    about: str = ""
    state: str = ""
    fen: int | None = None
    at: datetime | None = None
    page: str = ""


Finder = Callable[[Sought, int], Sequence[Found]]
