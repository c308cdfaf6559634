"""A form in a stale tab (旧页面): what was typed stays, and who saves sees what else was changed.

The form carries what it showed when it was opened. If somebody saved meanwhile, each field that
they changed says so: one that was left alone here takes their value, one that both changed keeps
what was typed. The page then carries the present values, and saving once more is a decision.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.text import shortened
from kernel.web.forms import Form

WAS = "_was"
SHOWN_MOST = 40
MOVED = "刚被别人修改过。您填写的内容都还在，请核对标出的项，再保存一次"


def carried(values: Mapping[str, object]) -> str:
    """What a form showed when it was opened, as its hidden field holds it."""
    return json.dumps({name: str(value) for name, value in values.items()}, ensure_ascii=False)


@dataclass(frozen=True)
class Merged:
    """The form after somebody else saved: its fields, and what is said at those they changed."""

    values: dict[str, str]
    errors: dict[str, str]


def merge(
    form: Form, now: Mapping[str, object], names: Mapping[str, Mapping[str, str]] | None = None
) -> Merged:
    """What was typed, with the present value where it was left as it had been.

    ``now`` are the present values as a form shows them, ``names`` the labels of choices by field.
    A form without its first values keeps all that was typed.
    """
    was, values, errors = _was(form), dict(form.values), {"": MOVED}
    for name, value in now.items():
        text, typed = _line_ends(str(value)), _line_ends(form.raw(name))
        before = _line_ends(was.get(name, typed))
        if text == before or (not was and text == typed):
            continue
        labels = (names or {}).get(name, {})
        errors[name] = f"刚被别人改为{_said(text, labels)}"
        if was and typed == before:
            values[name] = text
            errors[name] += "，已带入"
        elif typed != text:
            errors[name] += f"，您填的是{_said(typed, labels)}"
    return Merged(values | {WAS: carried(now)}, errors)


def moved_parts(names: Sequence[str]) -> str:
    """What is said of a form that is no list of fields: the parts that differ from what was typed.

    Saving once more then replaces what was named.
    """
    differing = f"与您填写的不同：{'、'.join(names)}" if names else "内容与您填写的相同"
    return f"刚被别人修改过，{differing}。您填写的都还在，再保存一次将以您填写的为准"


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n")


def _was(form: Form) -> dict[str, str]:
    try:
        found = json.loads(form.raw(WAS))
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _said(text: str, labels: Mapping[str, str]) -> str:
    label = labels.get(text, text)
    return f"“{shortened(label, SHOWN_MOST, SHOWN_MOST)}”" if label else "空"
