"""What a text that others read must not say (广告审查). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from domain.lint.context import is_lawful
from domain.lint.folding import Folded, fold
from domain.lint.lists import Rule, Severity, lists

Verdict = Literal["ok", "evidence", "refused"]
Ground = Literal[
    "absolute", "liquor", "health", "special_supply", "investment", "share_inducing",
    "income_promise", "recruiting", "minors", "price", "evidence", "imitation", "contact",
    "superstition", "vulgar", "marketing",
]  # fmt: skip
Place = Literal["text", "name"]
MARKETING = "marketing"
NAME_MOST = 16  # folded characters of a text that is read as a name
STRIKE_MOST = 2  # a struck price above the double needs the price history


@dataclass(frozen=True)
class Finding:
    """A word in a text, where it stands (``start`` to ``end``), its ground, and why it is there.

    ``kind`` is the ground. ``severity`` says what happens: it is refused, it needs evidence on
    file (of the kind ``claim``), or it is only pointed out.
    """

    kind: str
    word: str
    start: int = 0
    end: int = 0
    severity: Severity = "refuse"
    why: str = ""
    claim: str = ""


def lint(text: str, place: Place = "text") -> list[Finding]:
    """The words of a text that advertising law or WeChat's rules forbid, in their order.

    ``place`` is ``name`` for a name that people give themselves: contacts are refused there, too.
    A short text without a sentence is read as a name as well.
    """
    folds = fold(text)
    is_name = place == "name" or (len(folds.text) <= NAME_MOST and not _is_sentence(folds.text))
    found = [
        (start, end, rule)
        for start, end, rule in _spans(folds.text, place, is_name)
        if rule.ground != MARKETING and not is_lawful(folds.text, start, end, rule)
    ]
    return [_finding(text, folds, *each) for each in _outermost(found)]


def marketing_words(text: str) -> list[Finding]:
    """The words by which WeChat blocks template messages (营销词)."""
    folds = fold(text)
    found = [
        each for each in _words(folds.text, _pairs(folds.text)) if each[2].ground == MARKETING
    ]
    return [_finding(text, folds, *each) for each in found]


def verdict(findings: Iterable[Finding]) -> Verdict:
    """``refused`` if a word is forbidden, ``evidence`` if one needs evidence, else ``ok``."""
    severities = {each.severity for each in findings}
    if "refuse" in severities:
        return "refused"
    return "evidence" if "evidence" in severities else "ok"


def _spans(text: str, place: Place, is_name: bool) -> Iterator[tuple[int, int, Rule]]:
    pairs = _pairs(text)
    yield from _words(text, pairs)
    for pattern, rule in lists().possible({*text, *pairs}):
        if rule.is_for_names and not (is_name if rule.ground == "imitation" else place == "name"):
            continue
        for match in pattern.finditer(text):
            if match.end() > match.start() and not (rule.is_strike and _is_modest(match)):
                yield match.start(), match.end(), rule


def _pairs(text: str) -> list[str]:
    return [one + two for one, two in pairwise(text)]


def _words(text: str, pairs: list[str]) -> Iterator[tuple[int, int, Rule]]:
    heads = lists().words
    for at, pair in enumerate(pairs):
        if pair in heads:
            for word, rule in heads[pair]:
                if text.startswith(word, at):
                    yield at, at + len(word), rule


def _is_modest(match: re.Match[str]) -> bool:
    """Whether a struck price is so near that the mall's own price history may bear it out."""
    was, now = (int(each.partition(".")[0]) for each in (match[1], match[2]))
    return was <= now * STRIKE_MOST


def _is_sentence(text: str) -> bool:
    return "。" in text or "，" in text


def _outermost(found: list[tuple[int, int, Rule]]) -> list[tuple[int, int, Rule]]:
    """Without those of the same ground that lie inside a longer one, in the order of the text."""
    ordered = sorted(found, key=lambda each: (each[0], -each[1]))
    kept: list[tuple[int, int, Rule]] = []
    for start, end, rule in ordered:
        if not any(s <= start and end <= e and r.ground == rule.ground for s, e, r in kept):
            kept.append((start, end, rule))
    return kept


def _finding(source: str, folds: Folded, start: int, end: int, rule: Rule) -> Finding:
    first, last, word = folds.typed(source, start, end)
    return Finding(rule.ground, word, first, last, rule.severity, rule.why, rule.claim)
