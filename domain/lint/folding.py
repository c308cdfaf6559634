"""Folds a text so that its words are found however they are written (折叠). Pure.

'最 * 佳', '蕞佳', '最，佳' and 'zui佳' fold to '最佳'. Traditional characters, wide letters and
look-alike letters become the common ones. Each folded character knows its place in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from kernel.lookalikes import latin
from kernel.patterns import compiled_later
from kernel.words import folded

# What a clause and a sentence end with; '、' stays, since a list is inside a clause.
_CLAUSE = dict.fromkeys(",，;；:：|｜", "，")
_SENTENCE = dict.fromkeys("。！!？?\n\r…", "。")
_KEPT = dict.fromkeys("、%¥￥", "")
_HAN = str.maketrans("蕞朂苐笫贰叁", "最最第第二三")
_PINYIN = compiled_later(
    r"zui(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])gong(?=[\u4e00-\u9fff])|guojia(?=级)|baozhi|zengzhi"
)
_SAID = {"zui": "最", "gong": "供", "guojia": "国家", "baozhi": "保值", "zengzhi": "增值"}
_LONE = compiled_later(r"(?<![^，])([\u4e00-\u9fff])，(?=[\u4e00-\u9fff])")
_TABLE_MOST = 20_000
_table: dict[str, str] = {}


@dataclass(frozen=True)
class Folded:
    """A folded text, and where each of its characters stands in the text as typed."""

    text: str
    places: tuple[int, ...]

    def typed(self, source: str, start: int, end: int) -> tuple[int, int, str]:
        """Where a folded span begins and ends in ``source``, and what stands there."""
        first, last = self.places[start], self.places[end - 1] + 1
        return first, last, source[first:last]


def fold(text: str) -> Folded:
    """Fold a text; spaces, signs and emoji are dropped, ends of clauses become '，' and '。'."""
    if len(_table) > _TABLE_MOST:
        _table.clear()
    known = _table.get
    parts = [_look(char) if (seen := known(char)) is None else seen for char in text]
    plain = "".join(parts)
    places = [at for at, part in enumerate(parts) for _ in part]
    if "." in text:
        plain, places = _number_points(text, plain, places)
    if _LONE.search(plain):
        plain, places = _without(plain, places, [m.end() - 1 for m in _LONE.finditer(plain)])
    if _PINYIN.search(plain):
        plain, places = _spelled(plain, places)
    return Folded(plain, tuple(places))


def fold_word(word: str) -> str:
    """A word as it stands in a folded text."""
    return fold(word).text


def _look(char: str) -> str:
    said = _CLAUSE.get(char) or _SENTENCE.get(char)
    if said is None:
        plain = "".join(latin(each) for each in folded(char)).translate(_HAN)
        said = "".join(each for each in plain if each.isalnum() or each in _KEPT)
    _table[char] = said
    return said


def _number_points(text: str, plain: str, places: list[int]) -> tuple[str, list[int]]:
    """Keep the point of a number: '12.5' is not '125'."""
    points = [m.start() for m in re.finditer(r"(?<=[0-9])\.(?=[0-9])", text)]
    for point in points:
        at = next(i for i, place in enumerate(places) if place > point)
        plain = f"{plain[:at]}.{plain[at:]}"
        places = [*places[:at], point, *places[at:]]
    return plain, places


def _without(plain: str, places: list[int], dropped: list[int]) -> tuple[str, list[int]]:
    gone = set(dropped)
    kept = [at for at in range(len(plain)) if at not in gone]
    return "".join(plain[at] for at in kept), [places[at] for at in kept]


def _spelled(plain: str, places: list[int]) -> tuple[str, list[int]]:
    """Replace syllables by the characters that they stand for, at their first letters."""
    pieces, kept, last = [], [], 0
    for found in _PINYIN.finditer(plain):
        said = _SAID[found[0]]
        pieces += [plain[last : found.start()], said]
        starts = accumulate([1] * (len(said) - 1), initial=found.start())
        kept += [*places[last : found.start()], *(places[at] for at in starts)]
        last = found.end()
    return "".join([*pieces, plain[last:]]), [*kept, *places[last:]]
