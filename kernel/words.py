"""Folds typed text for comparison: width, case, traditional characters."""

from __future__ import annotations

from opencc import OpenCC

from kernel.text import bare

_to_simplified = OpenCC("tw2sp").convert  # converts Taiwan's vocabulary, too


def folded(text: str) -> str:
    """A text folded for comparison: '訂單　ＡＢ' → '订单 ab'."""
    plain = bare(text).lower()
    return plain if plain.isascii() else str(_to_simplified(plain)).replace("甚么", "什么")
