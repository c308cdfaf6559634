"""Resident id numbers (身份证号, GB 11643): the check character and the day of birth. Pure."""

from __future__ import annotations

import re
from datetime import date

ADULT_YEARS = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def born_on(code: str) -> date | None:
    """The day of birth in an id number; None if the number is not well formed."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", code) or not _checks(code):
        return None
    try:
        return date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return None


def years_between(born: date, today: date) -> int:
    """The whole years of somebody's age; negative if they are not born yet."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _checks(code: str) -> bool:
    total = sum(int(c) * w for c, w in zip(code[:17], _WEIGHTS, strict=True))
    return _CHECK[total % 11] == code[17]
