"""Texts for mistakes in the account's menu or in a keyword answer, with their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from admin.words import TEXT

WRONG = TEXT.names("form_fault")
PLACE = TEXT.names("form_place")


def first_mistake(error: ValidationError) -> str:
    """The text of the first mistake that the model found."""
    first = error.errors()[0]
    facts = dict(first.get("ctx") or {})
    facts["chinese"] = int(facts.get("most", 0)) // 3
    text = WRONG.get(first["type"], WRONG["other"]).format(**facts)
    return f"{place(first['loc'])}{text}"


def place(steps: Sequence[Any]) -> str:
    """The place of a mistake: 'buttons, 0, name' → '菜单 1 名称：'."""
    found = []
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if step in PLACE:
            n = after + 1 if isinstance(after, int) else ""
            found.append(PLACE[step].format(n=n).strip())
    return f"{' '.join(found)}：" if found else ""
