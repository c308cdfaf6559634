"""What people type, made comparable: width, case, traditional characters."""

from __future__ import annotations

from opencc import OpenCC

from kernel.text import bare

_to_simplified = OpenCC("tw2sp").convert  # with the words that Taiwan has for the same thing


def folded(text: str) -> str:
    """One form for what looks or means the same: '訂單　ＡＢ' → '订单 ab'."""
    plain = bare(text).lower()
    return plain if plain.isascii() else str(_to_simplified(plain)).replace("甚么", "什么")
