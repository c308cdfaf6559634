"""Which characters a pattern can't match without (必需字), so that most are skipped. Pure.

'(?:喝|饮)[^。]{0,8}(?:长寿|年轻)' needs one of 喝, 饮 and one of 长寿, 年轻. Of a longer word the
first two characters are needed. Only what the lists use is understood; anything else needs
nothing, and the pattern is then always tried.
"""

from __future__ import annotations

import re

Needs = list[frozenset[str]]
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:,\d*)?\})\??")
_CLASS = re.compile(r"\[(\^?)((?:[^\]\\]|\\.)+)\]")
_LOOK = re.compile(r"\(\?<?[=!]")
_OPENS = re.compile(r"\((?:\?(?:[:=!]|<[=!]))?")
_NOTHING: Needs = []
_ANY = set(".^$")


def needs_of(pattern: str) -> tuple[frozenset[str], ...]:
    """Sets of one or two characters; a text matches only if it contains one of each set."""
    return tuple(dict.fromkeys(_Reader(pattern).alternatives()))


class _Reader:
    """Reads a pattern once, from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def alternatives(self) -> Needs:
        """What a group needs: one branch its own needs, several the best of any."""
        branches = [self._branch()]
        while self._takes("|"):
            branches.append(self._branch())
        if len(branches) == 1:
            return branches[0]
        if not all(branches):
            return _NOTHING
        return [frozenset().union(*(min(branch, key=_rarity) for branch in branches))]

    def _branch(self) -> Needs:
        found: Needs = []
        run = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            literal, needs = self._atom()
            quantifier = _QUANTIFIER.match(self.pattern, self.at)
            if literal and not quantifier:
                run += literal
                continue
            found += _of_run(run)
            run = ""
            if quantifier:
                self.at = quantifier.end()
            if not quantifier or not (quantifier[0][0] in "*?" or quantifier[1] == "0"):
                found += [frozenset(literal)] if literal else needs
        return found + _of_run(run)

    def _atom(self) -> tuple[str, Needs]:
        """The next part: a literal character, or what another part needs."""
        pattern, at = self.pattern, self.at
        if pattern[at] == "(":
            is_look = _LOOK.match(pattern, at) is not None
            start = _OPENS.match(pattern, at)
            assert start is not None
            self.at = start.end()
            needs = self.alternatives()
            self._takes(")")
            return "", _NOTHING if is_look else needs
        if found := _CLASS.match(pattern, at):
            self.at = found.end()
            chars = found[2]
            return "", _NOTHING if found[1] or "\\" in chars else [_members(chars)]
        if pattern[at] == "\\":
            self.at += 2
            letter = pattern[at + 1]
            return ("", _NOTHING) if letter.isalnum() else (letter, _NOTHING)
        self.at += 1
        return ("", _NOTHING) if pattern[at] in _ANY else (pattern[at], _NOTHING)

    def _takes(self, char: str) -> bool:
        if self.pattern.startswith(char, self.at):
            self.at += 1
            return True
        return False


def _of_run(run: str) -> Needs:
    return [frozenset([run[:2]])] if run else _NOTHING


def _rarity(need: frozenset[str]) -> tuple[int, int]:
    """Few and long words first."""
    return -min(map(len, need)), len(need)


def _members(chars: str) -> frozenset[str]:
    """The characters of a class such as '0-9几'."""
    spans = re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), chars)
    return frozenset(spans)
