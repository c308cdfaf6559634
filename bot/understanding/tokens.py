"""Cuts a sentence into tokens and features, the same way for training and for answering.

A sentence comes in folded form (``kernel.words.folded``). A token is a Chinese character, a Latin
word, a number as ``#`` with its count of digits, or ``|`` for what separates. Features are tokens,
pairs of neighbours, pairs of pinyin syllables, which find "发漂" and "fapiao" near "发票", and the
classes of the words in ``word_classes.txt``, through which 头孢 counts like 阿莫西林.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from kernel.pinyin import sounds_of

CLASSES = Path(__file__).parent / "word_classes.txt"
LONGEST = 120
"""Tokens read of a sentence: its first and its last half, where people say what they want."""

LONGEST_WORD = 8
_WORD = re.compile(r"[a-z0-9]+|[^\x00-\x7f]+")
_TOKEN = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?|[^\s]")
_HAN = "\u4e00", "\u9fff"


def tokens(sentence: str) -> list[str]:
    """The tokens of a folded sentence: '退款3天没到!' → 退 款 #1 天 没 到."""
    found: list[str] = []
    for part in _TOKEN.findall(sentence):
        first = part[0]
        if first.isdigit() and first.isascii():
            found.append(f"#{min(len(part), 5)}")
        elif first.isalnum() or _HAN[0] <= first <= _HAN[1]:
            found.append(part)
        elif found and found[-1] != "|":
            found.append("|")
    while found and found[-1] == "|":
        found.pop()
    if len(found) > LONGEST:
        found = [*found[: LONGEST // 2], "|", *found[-LONGEST // 2 :]]
    return found


def features(sentence: str) -> list[str]:
    """The features of a folded sentence, each once, in order of appearance."""
    cut = tokens(sentence)
    row = ["^", *cut, "$"]
    said = ["^", *(sound for each in cut for sound in sounds_of(each)), "$"]
    made = [each for each in cut if each != "|"]
    made += [f"{one} {two}" for one, two in pairwise(row)]
    made += [f"~{one} {two}" for one, two in pairwise(said)]
    made += [f"<{each}>" for each in classes_in(sentence)]
    return list(dict.fromkeys(made))


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    """Word → the names of its classes, one or two."""
    lines = CLASSES.read_text(encoding="utf-8").split("\n")
    found: dict[str, tuple[str, ...]] = {}
    for name, *words in (line.split(" ") for line in lines if line):
        for word in words:
            found[word] = (*found.get(word, ()), name)
    return found


def words_of(name: str) -> list[str]:
    """The words of one class."""
    return [word for word, names in _classes().items() if name in names]


def classes_in(sentence: str) -> list[str]:
    """The classes of the words in a folded sentence; of overlapping words the longest counts."""
    known = _classes()
    found: list[str] = []
    for part in _WORD.findall(sentence):
        if part[0].isascii():
            found += known.get(part, ())
            continue
        at = 0
        while at < len(part):
            for length in range(min(LONGEST_WORD, len(part) - at), 0, -1):
                names = known.get(part[at : at + length])
                if names is not None:
                    found += names
                    at += length
                    break
            else:
                at += 1
    return found


def inner(cut: Iterable[str]) -> list[str]:
    """Features without those of the sentence's ends: '请问班车几点呀' is then like '班车几点'."""
    return [each for each in cut if "^ " not in each and " $" not in each]
