"""The verb that makes two words of goods equal (同义词)."""

from __future__ import annotations

from domain import catalog, settings
from domain.search.rules import SearchWords
from domain.search.wanted import MEMBERS_MOST, groups_of_synonyms
from kernel.errors import Invalid


def make_equal(word: str, other: str) -> None:
    """Add a word to the group of another one, or make a group of both.

    Raises Invalid('synonyms_same', 'synonyms_bad', 'synonyms_full').
    """
    said, meant = (_single(each) for each in (word, other))
    if said == meant:
        raise Invalid("synonyms_same", "equals")
    lines = list(settings.get(SearchWords).synonyms)
    groups = groups_of_synonyms(lines)
    if any(said in group and meant in group for group in groups):
        return
    rows = [line for line in lines if line.strip()]
    at = next((n for n, group in enumerate(groups) if meant in group), None)
    if at is None:
        rows.append(f"{meant}={said}")
    elif len(groups[at]) >= MEMBERS_MOST:
        raise Invalid("synonyms_full", "equals", limit=MEMBERS_MOST)
    else:
        rows[at] = f"{rows[at]}={said}"
    settings.change(SearchWords, {"synonyms": tuple(rows)})


def _single(text: str) -> str:
    words = catalog.canonical_words([text])
    if len(words) != 1:
        raise Invalid("synonyms_bad", "equals", line=1)
    return words[0]
