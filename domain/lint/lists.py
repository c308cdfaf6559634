"""The word lists by ground (词表), read from ``lists/*.toml`` at their first use. Pure.

A rule has literal ``words`` and ``patterns``. In patterns ``~`` is up to six characters of the
same clause, ``<n>`` a number in digits or characters, ``@drink`` any word of that name in
``concepts.toml``. ``unless`` are longer lawful phrases: what lies inside one of them is not found.
A ``careful`` rule leaves sentences alone that warn, forbid or deny.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from domain.lint.folding import fold_word
from domain.lint.needs import needs_of

Severity = Literal["refuse", "evidence", "warn"]
CONCEPTS = Path(__file__).with_name("concepts.toml")
FOLDER = Path(__file__).with_name("lists")
_NUMBER = "[0-9〇零一二三四五六七八九十百千万两几数多半]+"


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; ``bits`` stand for the characters without which it can't match."""

    compiled: re.Pattern[str]
    bits: int


@dataclass(frozen=True)
class Rule:
    """What a text must not say: where it is looked for, and what makes it lawful."""

    ground: str
    code: str
    severity: Severity
    why: str
    claim: str
    patterns: tuple[Pattern, ...]
    unless: tuple[re.Pattern[str], ...]
    except_before: re.Pattern[str] | None
    is_negatable: bool
    may_deny_inside: bool
    is_careful: bool
    is_for_names: bool
    is_strike: bool


@dataclass(frozen=True)
class Lists:
    """All rules, the literal words by their first two characters, the bits of needed words."""

    rules: tuple[Rule, ...]
    words: dict[str, tuple[tuple[str, Rule], ...]]
    bits: dict[str, int]
    patterns: tuple[tuple[int, re.Pattern[str], Rule], ...]
    """Every pattern with its bits and its rule."""

    def possible(self, parts: set[str]) -> list[tuple[re.Pattern[str], Rule]]:
        """The patterns whose needs are among a text's characters and pairs of characters."""
        missing, known = -1, self.bits.get
        for part in parts:
            missing &= ~known(part, 0)
        return [(compiled, rule) for bits, compiled, rule in self.patterns if not bits & missing]


@cache
def lists() -> Lists:
    """The lists of all grounds, compiled once per process."""
    rules: list[Rule] = []
    heads: dict[str, list[tuple[str, Rule]]] = {}
    needs = _Bits()
    for path in sorted(FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for said in data["rule"]:
            rule = _rule(data, said, needs)
            rules.append(rule)
            for word in map(fold_word, said.get("words", ())):
                heads.setdefault(word[:2], []).append((word, rule))
    words = {head: tuple(sorted(found, key=lambda each: -len(each[0])))
             for head, found in heads.items()}  # fmt: skip
    patterns = tuple((p.bits, p.compiled, rule) for rule in rules for p in rule.patterns)
    return Lists(tuple(rules), words, needs.of_words, patterns)


def _rule(data: dict[str, Any], said: dict[str, Any], needs: _Bits) -> Rule:
    before = said.get("except_before", "")
    return Rule(
        ground=str(said.get("ground", data.get("ground"))),
        code=said["code"],
        severity=said.get("severity", data.get("severity", "refuse")),
        why=said["why"],
        claim=said.get("claim", ""),
        patterns=tuple(needs.pattern(each) for each in said.get("patterns", [])),
        unless=tuple(_compiled(each) for each in said.get("unless", [])),
        except_before=_compiled(f"(?:{before})$") if before else None,
        is_negatable=said.get("negatable", True),
        may_deny_inside=said.get("denied_inside", False),
        is_careful=said.get("careful", False),
        is_for_names=said.get("where") == "name",
        is_strike=said.get("strike", False),
    )


class _Bits:
    """Gives each distinct need a bit, and each word of it the bits of its needs."""

    def __init__(self) -> None:
        self.of_needs: dict[frozenset[str], int] = {}
        self.of_words: dict[str, int] = {}

    def pattern(self, said: str) -> Pattern:
        compiled = _compiled(said)
        bits = 0
        for need in needs_of(compiled.pattern):
            bits |= self._bit(need)
        return Pattern(compiled, bits)

    def _bit(self, need: frozenset[str]) -> int:
        if need not in self.of_needs:
            bit = self.of_needs[need] = 1 << len(self.of_needs)
            for word in need:
                self.of_words[word] = self.of_words.get(word, 0) | bit
        return self.of_needs[need]


def _compiled(pattern: str) -> re.Pattern[str]:
    plain = pattern.replace("<n>", _NUMBER).replace("~", "[^。，]{0,6}")
    return re.compile(re.sub("@([a-z]+)", lambda found: concept(found[1]), plain))


@cache
def concept(name: str) -> str:
    """The alternatives of a concept as a group of a pattern. Raises KeyError."""
    words = tomllib.loads(CONCEPTS.read_text(encoding="utf-8"))[name]
    return f"(?:{'|'.join(map(re.escape, words))})"
