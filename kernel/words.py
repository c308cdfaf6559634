"""What people type, made comparable: width, case, traditional characters."""

from __future__ import annotations

import unicodedata
import warnings

import zhconv

with warnings.catch_warnings():
    # The first conversion reads the dictionary, and leaves its file to be closed by the collector.
    warnings.simplefilter("ignore", ResourceWarning)
    zhconv.convert("訂單", "zh-cn")


def folded(text: str) -> str:
    """One form for what looks or means the same: '訂單　ＡＢ' → '订单 ab'."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return plain if plain.isascii() else str(zhconv.convert(plain, "zh-cn"))
