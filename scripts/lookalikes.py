"""Writes ``kernel/lookalikes.txt`` from the Unicode confusables (UTS 39).

Run ``python -m scripts.lookalikes`` after an update of ``confusable-homoglyphs`` (MIT), which
contains Unicode's data (Unicode License). Each line is a form and the characters that look like
it, except those that NFKC makes equal anyway.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from importlib import resources
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "kernel" / "lookalikes.txt"


def main() -> None:
    """Group look-alikes, choose a form for each group, and write the file."""
    library = resources.files("confusable_homoglyphs")
    data = json.loads((library / "confusables.json").read_text(encoding="utf-8"))
    groups = _groups((char, other["c"]) for char, others in data.items() for other in others)
    lines = []
    for members in groups:
        form = min(members, key=_rank)
        shown = sorted(m for m in members if len(m) == 1 and m != form and _is_needed(m))
        if shown:
            lines.append(f"{_plain(form)} {''.join(shown)}")
    TARGET.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    print(f"{len(lines)} forms, {TARGET.stat().st_size} bytes")


def _groups(pairs) -> list[set[str]]:  # type: ignore[no-untyped-def]
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        parent.setdefault(text, text)
        while parent[text] != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    for one, other in pairs:
        if _plain(one) and _plain(other):
            parent[root(one)] = root(other)
    found: dict[str, set[str]] = defaultdict(set)
    for text in parent:
        found[root(text)].add(text)
    return list(found.values())


def _rank(text: str) -> tuple[bool, int, bool, bool, str]:
    """Sort key for a group's form: ASCII letters first, then the shortest; Han before others."""
    is_ascii = text.isascii() and text.isalnum()
    is_han = "\u4e00" <= text[0] <= "\u9fff"
    return (not is_ascii, len(text), not text.islower() and not is_han, not text.isalpha(), text)


def _plain(text: str) -> str:
    """A text without combining marks, which the skeleton drops before it uses the table."""
    parts = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in parts if unicodedata.category(c)[0] not in "MC")
    return unicodedata.normalize("NFKC", kept)


def _is_needed(char: str) -> bool:
    """False for characters that NFKC changes anyway, and for those that skeletons never have."""
    return _plain(char) == char and char.isalnum()


if __name__ == "__main__":
    main()
