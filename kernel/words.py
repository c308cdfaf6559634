"""Folds typed text for comparison: width, case, traditional characters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from kernel.text import bare

_TRADITIONAL_IN_GB2312 = frozenset("乾後於徵摺麴著夥麽菸拚捱醣")


def folded(text: str) -> str:
    """A text folded for comparison: '訂單　ＡＢ' → '订单 ab'."""
    plain = bare(text).lower()
    if not _is_simplified(plain):
        plain = _to_simplified()(plain)
    return plain.replace("甚么", "什么")


def _is_simplified(text: str) -> bool:
    """True if GB 2312 has all characters: next to the simplified ones it has few others."""
    if not _TRADITIONAL_IN_GB2312.isdisjoint(text):
        return False
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _to_simplified() -> Callable[[str], str]:
    """OpenCC with Taiwan's vocabulary; its dictionaries take 5 MB and wait for such a text."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("tw2sp").convert
    return convert
