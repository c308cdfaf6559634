"""Cuts WeUI's style sheet to the rules that the mall's pages use: ``make styles``.

Reads the vendored ``weui.min.css``, the mall's templates and its script, and writes
``static/css/weui.css``. A rule stays if each of its classes, attributes and elements occurs on
our pages; a custom property stays if a rule that stays, or ``mall.css``, reads it. ``--check``
compares the committed file. See docs/adr/0104-weui-cut-to-what-is-used.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE = ROOT / "static" / "vendor" / "weui@2.6.26" / "weui.min.css"
CUT = ROOT / "static" / "css" / "weui.css"
OWN = ROOT / "static" / "css" / "mall.css"
PAGES = (
    "templates/h5", "templates/shared", "static/js/mall.js", "static/js/share.js", "mall_h5",
)  # fmt: skip
HEAD = """\
/*! WeUI v2.6.26 (https://github.com/weui/weui), Copyright 2026 Tencent, Inc., MIT license:
 * vendor/weui@2.6.26/LICENSE.txt. Cut to the rules in use by scripts/cut_weui.py; do not edit. */
"""
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
ATTRIBUTE = re.compile(r"\[(data-[\w-]+)")
BEGINS = re.compile(r"""\[class[*^]=["']\s*([\w-]+)""")
NOT = re.compile(r":not\([^()]*\)")
ELEMENT = re.compile(r"(?:^|[\s>+~])([a-z][a-z0-9]*)")
READ = re.compile(r"var\((--[\w-]+)")
SET = re.compile(r"^(--[\w-]+)\s*:")
MOVES = re.compile(r"animation(?:-name)?\s*:\s*([^;]+)")
WECHAT_ONLY = {"page"}  # elements of mini programs, never of a page


@dataclass(frozen=True)
class Rule:
    """A style rule, one that holds others (``@media``), or one with a name (``@keyframes``)."""

    head: str
    body: str
    inner: tuple[Rule, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether it holds style rules."""
        return self.head.startswith(("@media", "@supports"))


def parsed(text: str) -> tuple[Rule, ...]:
    """The rules of a style sheet without comments, in order."""
    return tuple(_rules(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))


def _rules(text: str) -> Iterator[Rule]:
    at = 0
    while (opens := text.find("{", at)) >= 0:
        ends = _end_of(text, opens)
        head, body = text[at:opens].strip(), text[opens + 1 : ends]
        is_group = head.startswith(("@media", "@supports"))
        yield Rule(head, body, tuple(_rules(body)) if is_group else ())
        at = ends + 1


def _end_of(text: str, opens: int) -> int:
    """The place of the brace that closes the one at ``opens``; braces in strings don't count."""
    depth, quote = 0, ""
    for at in range(opens, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "{}":
            depth += 1 if sign == "{" else -1
            if depth == 0:
                return at
    raise ValueError("a brace is not closed")


def split(text: str, by: str) -> list[str]:
    """Parts of a selector list or of declarations; brackets and strings stay whole."""
    parts, depth, quote, start = [], 0, "", 0
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "()[]":
            depth += 1 if sign in "([" else -1
        elif sign == by and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def sources() -> str:
    """The text of everything that can put a class on a page of the mall."""
    found = []
    for place in PAGES:
        path = ROOT / place
        files = [path]
        if path.is_dir():
            files = sorted(each for each in path.rglob("*") if each.suffix in {".html", ".py"})
        found += [file.read_text(encoding="utf-8") for file in files]
    return "\n".join(found)


@dataclass(frozen=True)
class Used:
    """Classes and data attributes of our pages."""

    classes: frozenset[str]
    attributes: frozenset[str]

    def has(self, selector: str) -> bool:
        """Whether a selector can match on our pages."""
        wanted = NOT.sub("", selector)
        return (
            set(CLASS.findall(wanted)) <= self.classes
            and all(self._begins(start) for start in BEGINS.findall(wanted))
            and set(ATTRIBUTE.findall(wanted)) <= self.attributes
            and not WECHAT_ONLY & set(ELEMENT.findall(wanted))
        )

    def _begins(self, start: str) -> bool:
        return any(name.startswith(start) for name in self.classes)


def used_by(text: str) -> Used:
    """What the pages use: words that may be classes, and the data attributes of WeUI."""
    attributes = set(re.findall(r"data-weui-[a-z]+", text))
    attributes |= {f"data-weui-{name.lower()}" for name in re.findall(r"dataset\.weui(\w+)", text)}
    return Used(frozenset(re.findall(r"[A-Za-z][\w-]*", text)), frozenset(attributes))


def kept(rules: tuple[Rule, ...], used: Used) -> list[Rule]:
    """The rules that can match, each with those of its selectors that can."""
    found = []
    for rule in rules:
        if rule.is_group:
            if inner := kept(rule.inner, used):
                found.append(Rule(rule.head, "", tuple(inner)))
        elif rule.head.startswith("@"):
            found.append(rule)
        elif selectors := [each for each in split(rule.head, ",") if used.has(each)]:
            found.append(Rule(",".join(selectors), rule.body))
    return found


def declarations(rules: list[Rule]) -> Iterator[str]:
    """All declarations, also of rules inside of others."""
    for rule in rules:
        yield from declarations(list(rule.inner)) if rule.is_group else split(rule.body, ";")


def read_properties(rules: list[Rule], own: str) -> set[str]:
    """The custom properties that are read, also through the values of others."""
    everything = list(declarations(rules))
    setters = [(m.group(1), each) for each in everything if (m := SET.match(each))]
    wanted = set(READ.findall(own))
    wanted |= {name for each in everything if not SET.match(each) for name in READ.findall(each)}
    while True:
        more = {name for key, each in setters if key in wanted for name in READ.findall(each)}
        if more <= wanted:
            return wanted
        wanted |= more


def written(rules: list[Rule], wanted: set[str], moves: str) -> str:
    """The sheet as text: without properties that nothing reads and moves that nothing names."""
    lines = []
    for rule in rules:
        if rule.is_group:
            inner = written(list(rule.inner), wanted, moves)
            lines += [f"{rule.head}{{\n{inner}}}\n"] if inner else []
        elif rule.head.startswith("@"):
            name = rule.head.split()[-1]
            lines += [f"{rule.head}{{{rule.body}}}\n"] if _is_named(name, moves) else []
        else:
            stay = [each for each in split(rule.body, ";") if _stays(each, wanted)]
            lines += [f"{rule.head}{{{';'.join(stay)}}}\n"] if stay else []
    return "".join(lines)


def _is_named(name: str, moves: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", moves) is not None


def _stays(declaration: str, wanted: set[str]) -> bool:
    setter = SET.match(declaration)
    return setter is None or setter.group(1) in wanted


def cut() -> str:
    """The cut style sheet."""
    rules = kept(parsed(WHOLE.read_text(encoding="utf-8")), used_by(sources()))
    wanted = read_properties(rules, OWN.read_text(encoding="utf-8"))
    styled = [rule for rule in rules if rule.is_group or not rule.head.startswith("@")]
    moves = " ".join(m for each in declarations(styled) for m in MOVES.findall(each))
    return HEAD + written(rules, wanted, moves)


def main() -> int:
    """Write the cut sheet, or compare it; status 1 if it is not what the pages need."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    made = cut()
    if not parser.parse_args().check:
        CUT.write_text(made, encoding="utf-8")
    elif CUT.read_text(encoding="utf-8") != made:
        sys.stderr.write("static/css/weui.css is not what the pages use now: make styles\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
