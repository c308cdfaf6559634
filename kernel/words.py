"""Folds typed text for comparison: width, case, traditional characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from kernel.text import bare

_HAN = re.compile("[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_TRADITIONAL_IN_GB2312 = frozenset("乾後於徵摺麴著夥麽菸拚捱醣")


def folded(text: str) -> str:
    """A text folded for comparison: '訂單　ＡＢ' → '订单 ab'."""
    plain = bare(text).lower()
    if not _is_simplified(plain):
        plain = _to_simplified()(plain)
    return plain.replace("甚么", "什么")


def by_character(text: str) -> str:
    """A text in simplified characters, one for one: '廣東' → '广东'."""
    if _is_simplified(text):
        return text
    found = "".join(map(_simplified_sign(), text))
    return found if len(found) == len(text) else text


def _is_simplified(text: str) -> bool:
    """True if GB 2312 has all Chinese characters: next to the simplified ones it has few others.

    Other signs, such as the dot in '山泉坊·陈酿', say nothing about it.
    """
    if not _TRADITIONAL_IN_GB2312.isdisjoint(text):
        return False
    return _is_in_gb2312(text) or _is_in_gb2312("".join(_HAN.findall(text)))


def _is_in_gb2312(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _simplified_sign() -> Callable[[str], str]:
    """OpenCC without any vocabulary, for one character."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return lambda sign: convert(sign) if "\u4e00" <= sign <= "\u9fff" else sign


@cache
def _to_simplified() -> Callable[[str], str]:
    """OpenCC with Taiwan's vocabulary; its dictionaries take 5 MB and wait for such a text."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("tw2sp").convert
    return convert
