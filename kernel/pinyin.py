"""Pinyin of characters, and Latin words read as pinyin (拼音): the readings of GB 2312."""

from __future__ import annotations

from functools import cache
from pathlib import Path

READINGS = Path(__file__).parent / "pinyin.txt"
SYLLABLE_MOST, LATIN_MOST = 3, 40
"""Letters of a Latin word that is read as pinyin: more than one syllable, less than nonsense."""


@cache
def _syllables() -> tuple[dict[str, str], frozenset[str]]:
    """Character → syllable without tone, and all syllables."""
    lines = READINGS.read_text(encoding="utf-8").split("\n")
    pairs = [line.split(" ") for line in lines if line]
    return {char: name for name, chars in pairs for char in chars}, frozenset(p[0] for p in pairs)


def sounds_of(token: str) -> list[str]:
    """The syllables of a token: 票 → piao, fapiao → fa piao; another token stands for itself."""
    readings, names = _syllables()
    if token in readings:
        return [readings[token]]
    if token.isascii() and token.isalpha() and SYLLABLE_MOST < len(token) <= LATIN_MOST:
        return _cut(token, names) or [token]
    return [token]


def syllables_of(word: str) -> list[str]:
    """The syllables of a Latin word that is pinyin throughout; [] for another word."""
    if not word.isascii() or not word.isalpha() or len(word) > LATIN_MOST:
        return []
    return _cut(word, _syllables()[1])


def sound_of(char: str) -> str:
    """The syllable of a character; '' for one without a reading."""
    return _syllables()[0].get(char, "")


@cache
def _cut(word: str, names: frozenset[str]) -> list[str]:
    """A Latin word cut into syllables, longest first; [] if it is not pinyin."""
    if not word:
        return []
    for length in range(min(6, len(word)), 0, -1):
        if word[:length] in names:
            rest = _cut(word[length:], names)
            if rest or length == len(word):
                return [word[:length], *rest]
    return []
