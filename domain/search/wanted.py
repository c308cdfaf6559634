"""What the words of a search require: for each word alternatives, each a set of terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain import catalog
from domain.search.terms import (
    initials,
    is_chinese,
    runs_of,
    sounded,
    sounds_of_run,
    written,
)
from kernel.errors import Invalid
from kernel.pinyin import syllables_of
from kernel.said_prices import price_said
from kernel.text import clean_line

WORDS_MOST = 6
INITIALS = range(2, 9)
GROUPS_MOST, MEMBERS_MOST, MEMBER_MOST = 100, 10, 20
Alternative = frozenset[str]
Group = tuple[Alternative, ...]
Synonyms = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Wanted:
    """A search as it was understood: a price range in fen, and the groups of alternatives."""

    groups: tuple[Group, ...]
    by_sound: tuple[Group, ...]
    price_from_fen: int | None = None
    price_to_fen: int | None = None

    is_unreadable: bool = False
    """Whether something was typed in which there is nothing to search for."""


def wanted_of(words: str, synonyms: Synonyms = ()) -> Wanted:
    """Reads the words of a search."""
    text = catalog.with_strengths(words)  # 42-53度 is no price
    price = price_said(text)
    if price is not None:
        text = f"{text[: price.start]} {text[price.end :]}"
    said = catalog.cut_words(text)[:WORDS_MOST]
    groups = tuple(group for word in said if (group := _group(word, synonyms)))
    sounds = tuple(group for word in said if (group := _by_sound(word)))
    return Wanted(
        groups, sounds if len(sounds) == len(groups) else (),
        price.low if price else None, price.high if price else None,
        bool(clean_line(words)) and not groups and price is None,
    )  # fmt: skip


def _group(word: str, synonyms: Synonyms) -> Group:
    found = [each for spelling in _spellings(word, synonyms) for each in _alternatives(spelling)]
    return tuple(dict.fromkeys(found))


def _spellings(word: str, synonyms: Synonyms) -> list[str]:
    """The word, and the word with each synonym of a part of it; the longest part counts."""
    found = [word]
    for group in synonyms:
        member = max((each for each in group if each in word), key=len, default="")
        if member:
            found += [word.replace(member, each) for each in group if each != member]
    return found


def _alternatives(word: str) -> list[Alternative]:
    """All combinations are not needed: a word has one run, or its runs are taken as written."""
    runs = runs_of(word)
    if len(runs) == 1 and not is_chinese(runs[0]):
        return [frozenset(terms) for terms in _latin(runs[0])]
    terms = [term for run in runs for term in (written(run) if is_chinese(run) else [run])]
    return [frozenset(terms)] if terms else []


def _latin(run: str) -> list[list[str]]:
    found = [[run]]
    syllables = syllables_of(run)
    if len(syllables) > 1:
        found.append(sounded(syllables))
    if run.isalpha() and len(run) in INITIALS:
        found.append(initials(run))
    return found


def _by_sound(word: str) -> Group:
    runs = [run for run in runs_of(word) if is_chinese(run)]
    terms = [term for run in runs for term in sounded(sounds_of_run(run))]
    return (frozenset(terms),) if terms else _group(word, ())


def groups_of_synonyms(lines: Iterable[str]) -> list[list[str]]:
    """The groups of a merchant's lines; the words of a line are separated by = or spaces.

    Raises Invalid('synonyms_bad', line=…) for a line with a single word, too many, or a long one.
    """
    found = []
    for number, line in enumerate(lines, start=1):
        parts = line.replace("＝", "=").replace("、", "=").replace(" ", "=").split("=")
        members = list(dict.fromkeys(w for part in parts for w in catalog.canonical_words([part])))
        if not line.strip():
            continue
        is_long = any(len(each) > MEMBER_MOST for each in members)
        if not 2 <= len(members) <= MEMBERS_MOST or is_long or number > GROUPS_MOST:
            raise Invalid("synonyms_bad", "synonyms", line=number)
        found.append(members)
    return found
