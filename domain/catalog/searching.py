"""The search text of a product and the words of a search, both in one canonical form.

A strength is found in any spelling. Shoppers type 52度, 52 度, ５２°, 五十二度 or 52%; merchants
write 52%vol or 42-53%vol. All become °52%vol, and a range keeps both of its ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kernel.words import folded

WORDS_MAX = 6
TEXT_MAX = 600
_DIGITS = "一二三四五六七八九"
_SIGNS = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w%°. ]|_")
_UNIT = r"\s*(?:度|°|%\s*vol\b\.?|%(?![\w%]))"
_NUMBER = r"(?<![\d.])(\d{1,2}(?:\.\d)?)"
_STRENGTH = re.compile(_NUMBER + _UNIT)
_RANGE = re.compile(_NUMBER + rf"(?:{_UNIT})?\s*[-~—–至到]\s*" + _NUMBER + _UNIT)
_SPELT = re.compile(rf"([{_DIGITS}])?十([{_DIGITS}])?(?=\s*度)")


def search_text(parts: Iterable[str]) -> str:
    """The text in which a product is searched: all parts in canonical form."""
    return " ".join(canonical_words(parts))[:TEXT_MAX]


def canonical_words(parts: Iterable[str]) -> list[str]:
    """All words of some texts in canonical form: '山泉坊·陈酿 52度' → 山泉坊陈酿, °52%vol."""
    return [word for part in parts for word in cut_words(with_strengths(part))]


def cut_words(text: str) -> list[str]:
    """The words of a text ``with_strengths``, without signs; each text is to be cut once."""
    return [word for each in text.split() if (word := _without_signs(each))]


def search_words(text: str) -> list[str]:
    """The words of a search in canonical form, at most six."""
    return [
        word for each in with_strengths(text).split()[:WORDS_MAX] if (word := _without_signs(each))
    ]


def _without_signs(text: str) -> str:
    """Without signs between letters, so that '山泉坊·陈酿' is also found without the dot."""
    return _SIGNS.sub("", text)


def with_strengths(text: str) -> str:
    """The folded text; each strength is a word with a leading °, so that 2 does not find 52."""
    plain = _SPELT.sub(_in_digits, folded(text.replace("º", "°")))
    plain = _RANGE.sub(r"\1度 \2度", plain)
    return _STRENGTH.sub(r" °\1%vol ", plain)


def _in_digits(found: re.Match[str]) -> str:
    tens = _DIGITS.index(found[1]) + 1 if found[1] else 1
    ones = _DIGITS.index(found[2]) + 1 if found[2] else 0
    return str(tens * 10 + ones)
