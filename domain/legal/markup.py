"""The small markup of legal documents: headings, lists, paragraphs, bold, variables. Pure.

A blank line ends a block. A line with ``# `` is a heading, lines with ``- `` are a list, ``**…**``
is bold, ``{name}`` is a variable. There is no HTML: templates escape every text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kernel.errors import Invalid

BODY_MOST = 20_000
_VARIABLE = re.compile(r"\{\s*([a-z][a-z0-9_]*)\s*\}")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_KEPT_AROUND = 1  # unchanged lines shown beside a changed one

Part = tuple[str, bool]
"""A text, and whether it is bold."""
Line = tuple[Part, ...]


@dataclass(frozen=True)
class Block:
    """A heading (one line), a paragraph (its lines), or a list (its items)."""

    kind: Literal["heading", "paragraph", "list"]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Change:
    """A line of a comparison; ``skip`` stands for unchanged lines that are left out."""

    kind: Literal["same", "gone", "new", "skip"]
    text: str


def blocks_of(body: str, values: Mapping[str, str]) -> tuple[Block, ...]:
    """A body as blocks, with its variables filled in."""
    found: list[Block] = []
    for chunk in re.split(r"\n\s*\n", body.strip()):
        for kind, lines in _runs(chunk):
            found.append(Block(kind, tuple(_line(each, values) for each in lines)))
    return tuple(found)


def check_body(body: str, known: Collection[str]) -> None:
    """Refuse an empty or overlong body, an unknown variable, a brace that is none.

    Raises Invalid('document_empty', 'document_too_long', 'variable_unknown', 'brace_open').
    """
    if not body.strip():
        raise Invalid("document_empty", "body")
    if len(body) > BODY_MOST:
        raise Invalid("document_too_long", "body", limit=BODY_MOST)
    for name in _VARIABLE.findall(body):
        if name not in known:
            raise Invalid("variable_unknown", "body", name=name)
    for number, line in enumerate(body.split("\n"), 1):
        if re.search(r"[{}]", _VARIABLE.sub("", line)):
            raise Invalid("brace_open", "body", line=number)


def variables_in(body: str) -> frozenset[str]:
    """The names of the variables that a body uses."""
    return frozenset(_VARIABLE.findall(body))


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What differs between two texts, line by line, with little of what is the same."""
    from difflib import SequenceMatcher

    old, new = (_lines(text) for text in (before, after))
    found: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += _around(old[a:b], is_first=a == 0, is_last=b == len(old))
        else:
            found += [Change("gone", text) for text in old[a:b]]
            found += [Change("new", text) for text in new[c:d]]
    return tuple(found) if any(each.kind in ("gone", "new") for each in found) else ()


def filled(body: str, values: Mapping[str, str]) -> str:
    """A body with its variables filled in, still in the markup."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), body)


def readable(body: str, values: Mapping[str, str]) -> str:
    """A body line by line without the signs of the markup, for a comparison that people read."""
    lines = [_kind_of(line) for line in _lines(body)]
    plain = [("· " if kind == "list" else "") + _BOLD.sub(r"\1", text) for kind, text in lines]
    return "\n".join(filled(text, values) for text in plain)


def _around(lines: Sequence[str], *, is_first: bool, is_last: bool) -> list[Change]:
    """An unchanged run: its lines beside a change, a gap for the rest."""
    head = 0 if is_first else _KEPT_AROUND
    tail = 0 if is_last else _KEPT_AROUND
    if len(lines) <= head + tail:
        return [Change("same", text) for text in lines]
    kept = [Change("same", text) for text in lines[:head]]
    rest = [Change("same", text) for text in lines[len(lines) - tail :]]
    return [*kept, Change("skip", ""), *rest]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _runs(chunk: str) -> list[tuple[Literal["heading", "paragraph", "list"], list[str]]]:
    """The lines of a chunk, grouped: each heading alone, items and plain lines together."""
    found: list[tuple[Literal["heading", "paragraph", "list"], list[str]]] = []
    for line in _lines(chunk):
        kind, text = _kind_of(line)
        if kind != "heading" and found and found[-1][0] == kind:
            found[-1][1].append(text)
        else:
            found.append((kind, [text]))
    return found


def _kind_of(line: str) -> tuple[Literal["heading", "paragraph", "list"], str]:
    if heading := re.fullmatch(r"#{1,3}\s+(.+)", line):
        return "heading", heading[1]
    if item := re.fullmatch(r"[-•]\s+(.+)", line):
        return "list", item[1]
    return "paragraph", line


def _line(text: str, values: Mapping[str, str]) -> Line:
    """The parts of a line. Variables are filled in last: a value is never read as markup."""
    found, end = [], 0
    for bold in _BOLD.finditer(text):
        found += [(text[end : bold.start()], False), (bold[1], True)]
        end = bold.end()
    found.append((text[end:], False))
    return tuple((filled(part, values), is_bold) for part, is_bold in found if part)
