"""Numbers as people say them in a sentence, where a guess is enough: a wish, never a payment.

Amounts that move money are read by ``kernel.typed``.
"""

from __future__ import annotations

import re
from decimal import Decimal

_FIGURES = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SHORT_FROM = 100
"""After a unit from here on a last digit counts tenths of it: 两百五 is 250."""
_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TIMES = {"": 1, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000}


def number_said(text: str) -> int | None:
    """A number in digits or Chinese numerals: '3百' → 300, '两百五' → 250, '1.5万' → 15000.

    None for what is none.
    """
    digits = _FIGURES.match(text)
    if digits:
        times = _TIMES.get(text[digits.end() :])
        return None if times is None else round(Decimal(digits[0]) * times)
    total = section = digit = 0
    last = 1
    for char in text:
        if char == "零":
            digit, last = 0, 1
        elif char in _DIGITS:
            digit = _DIGITS[char]
        elif char == "万":
            total, section, digit, last = (total + section + digit) * 10_000, 0, 0, 10_000
        elif char in _UNITS:
            last = _UNITS[char]
            section, digit = section + (digit or 1) * last, 0
        else:
            return None
    if digit and last >= _SHORT_FROM:
        digit *= last // 10
    return total + section + digit or None
