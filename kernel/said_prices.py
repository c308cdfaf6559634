"""A price as people say it in a sentence or search (300以内, 三四百, 200左右), in fen.

The sentence is folded (``kernel.words.folded``).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kernel.said_numbers import number_said

YUAN = 100
PRICE_MOST_FEN = 1_000_000 * YUAN
NUMBER = r"(?:[0-9]{1,7}(?:\.[0-9]{1,2})?[kw万千百]?|[一二两三四五六七八九十百千万]{1,7})"
_COIN = r"(?:块钱?|元|rmb|块)"
_RANGE = re.compile(rf"({NUMBER}){_COIN}?(?:-|~|到|至|—)({NUMBER}){_COIN}?")
_NEIGHBOURS = re.compile("([一二两三四五六七八])([二三四五六七八九])(百|千|万)")
_BELOW = re.compile(
    rf"(?:不(?:要)?超过|低于|最多|少于|under|below)({NUMBER})|"
    rf"({NUMBER}){_COIN}?(?:以内|以下|之内|内|封顶)"
)
_ABOVE = re.compile(
    rf"(?:不低于|高于|超过|至少|over|above)({NUMBER})|({NUMBER}){_COIN}?(?:以上|起步|往上)"
)
_ABOUT = re.compile(
    rf"({NUMBER}){_COIN}?(?:左右|上下|来块|出头|多块|价位|档|预算)|"
    rf"(?:预算|大概|差不多|around)({NUMBER})|({NUMBER}){_COIN}"
)


class SaidPrice(NamedTuple):
    """A price range in fen, an open end is None; and where the sentence says it."""

    low: int | None
    high: int | None
    start: int
    end: int


def price_said(sentence: str) -> SaidPrice | None:
    """The price range that a sentence names; 'about 300' is a fifth below to a fifth above."""
    if (found := _RANGE.search(sentence)) is not None:
        low, high = _fen(found[1]), _fen(found[2])
        if low is not None and high is not None and low < high:
            return SaidPrice(low, high, *found.span())
    if (found := _NEIGHBOURS.search(sentence)) is not None:  # 三四百
        low, high = _fen(found[1] + found[3]), _fen(found[2] + found[3])
        return SaidPrice(low, high, *found.span())
    if (found := _BELOW.search(sentence)) is not None:
        return SaidPrice(None, _fen(found[1] or found[2]), *found.span())
    if (found := _ABOVE.search(sentence)) is not None:
        return SaidPrice(_fen(found[1] or found[2]), None, *found.span())
    if (found := _ABOUT.search(sentence)) is not None:
        about = _fen(found[1] or found[2] or found[3])
        if about is not None:
            return SaidPrice(about * 4 // 5, about * 6 // 5, *found.span())
    return None


def _fen(text: str) -> int | None:
    """A price in fen; None if it is none that a bottle could have."""
    number = number_said(text)
    if number is None:
        return None
    fen = round(number * YUAN)
    return fen if 10 * YUAN <= fen <= PRICE_MOST_FEN else None
