"""Merges a form with changes that somebody else saved while it was open (旧页面).

The form carries the values that it showed when it was opened. If somebody else saved in between,
each field that they changed gets a message. A field that was not edited here takes their value; a
field that both edited keeps the typed value. Saving again then overwrites the current values.
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
    """The values that a form showed when it was opened, for its hidden field."""
    return json.dumps({name: str(value) for name, value in values.items()}, ensure_ascii=False)


@dataclass(frozen=True)
class Merged:
    """The merged values by field, and messages at the fields that somebody else changed."""

    values: dict[str, str]
    errors: dict[str, str]


def merge(
    form: Form, now: Mapping[str, object], names: Mapping[str, Mapping[str, str]] | None = None
) -> Merged:
    """The typed values; a field that was not edited gets its current value.

    ``now`` are the current values as a form shows them, ``names`` the labels of choices by field.
    A form without the values of its opening keeps all typed values.
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
    """The message for a form that can't be merged by field; ``names`` are the differing parts.

    Saving again then replaces those parts.
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
