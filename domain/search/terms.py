"""Terms of a product's texts, and the pieces from which those of a search are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from domain.catalog import FieldName, canonical_words
from kernel.pinyin import sound_of

WEIGHTS: Mapping[FieldName, int] = {
    "title": 12, "brand": 8, "tags": 8, "category": 6, "more": 4,
}  # fmt: skip
SOUNDED: tuple[FieldName, ...] = ("title", "brand", "category")
TERM_MOST = 40
_RUN = re.compile(r"°[0-9.]+%vol|[0-9a-z.%&+'-]+|[^\x00-\x7f]+")


def terms_of_product(texts: Mapping[FieldName, Iterable[str]]) -> dict[str, int]:
    """Each term of the texts with its weight."""
    found: dict[str, int] = {}
    for field, parts in texts.items():
        weight = WEIGHTS[field]
        runs = [run for word in canonical_words(parts) for run in runs_of(word)]
        for run in runs:
            _keep(found, (*written(run), *run) if is_chinese(run) else (run,), weight)
            if field in SOUNDED and is_chinese(run):
                sounds = sounds_of_run(run)
                _keep(found, (*sounded(sounds), *initials([s[0] for s in sounds])), weight // 2)
    return found


def _keep(found: dict[str, int], terms: Iterable[str], weight: int) -> None:
    for term in terms:
        if len(term) <= TERM_MOST:
            found[term] = max(found.get(term, 0), weight)


def runs_of(word: str) -> list[str]:
    """A canonical word cut where Chinese characters meet others: 陈酿500ml → 陈酿, 500ml."""
    return _RUN.findall(word)


def is_chinese(run: str) -> bool:
    """Whether a run is of characters, not of Latin letters and digits, nor a strength."""
    return not run[0].isascii() and run[0] != "°"


def written(run: str) -> list[str]:
    """The terms of neighbouring characters; a single one stands for itself."""
    return ["".join(pair) for pair in pairwise(run)] or [run]


def sounds_of_run(run: str) -> list[str]:
    """The syllables of a run's characters; a character without a reading is left out."""
    return [sound for char in run if (sound := sound_of(char))]


def sounded(syllables: Sequence[str]) -> list[str]:
    """The terms of neighbouring syllables; none of a single one, which is too common."""
    return [f"~{one} {two}" for one, two in pairwise(syllables)]


def initials(letters: Sequence[str]) -> list[str]:
    """The terms of neighbouring initials."""
    return [f"'{one}{two}" for one, two in pairwise(letters)]
