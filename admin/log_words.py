"""Timelines of single things: each entry is (instant, who, what, detail)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import pass_context

from admin.diffs import diff
from admin.fault_words import call_code
from admin.words import (
    ACTION,
    BIND_CAUSE,
    POLICY,
    REFUSAL,
    WITHDRAWAL,
    Tones,
    named,
    step_why,
    tone,
    why,
)

Step = tuple[Any, str, str, str]


@pass_context
def acts(page: Any, log: Iterable[Any], *, reasons: bool = False) -> list[Step]:
    """The acts of people on a thing; ``reasons`` adds the reason that was given."""
    return [
        (s.at, named(page, s.actor), ACTION.get(s.action, s.action), _reason(s) if reasons else "")
        for s in log
    ]


@pass_context
def changes(page: Any, log: Iterable[Any]) -> list[Step]:
    """The acts of people and of the system on a thing, each with the values after it."""
    return [
        (s.at, named(page, s.actor), ACTION.get(s.action, s.action), diff(s.target_type, s.after))
        for s in log
    ]


def _reason(entry: Any) -> str:
    reason = entry.after.get("reason") if isinstance(entry.after, Mapping) else None
    return why(str(reason)) if reason else ""


@pass_context
def states(page: Any, log: Iterable[Any], table: Tones) -> list[Step]:
    """The states of a thing, the latest first, each with its parcel or its cause."""
    return [
        (s.at, named(page, s.actor), tone(table, s.to_state)[0], _parcel(s) or _cause(s, table))
        for s in reversed(list(log))
    ]


def _parcel(entry: Any) -> str:
    facts = getattr(entry, "facts", None) or {}
    return f"{facts['company']} {facts['tracking_no']}" if facts.get("tracking_no") else ""


def _cause(entry: Any, table: Tones) -> str:
    if entry.to_state == "abnormal":  # a refund that WeChat could not make
        return call_code(entry.why)
    facts = getattr(entry, "facts", None) or {}
    cause = step_why(entry.why, facts) if table is WITHDRAWAL else why(entry.why)
    return f"{cause}：{facts['said']}" if facts.get("said") else cause


def bindings(history: Iterable[Any]) -> list[Step]:
    """The history of a member's binding."""
    return [
        (h.at, POLICY.get(h.policy, h.policy), _binding(h), h.facts.get("reason", ""))
        for h in history
    ]


def _binding(h: Any) -> str:
    if h.refusal:
        return f"未绑定到 {h.to_name or ''}：{REFUSAL.get(h.refusal, h.refusal)}"
    return f"{BIND_CAUSE.get(h.cause, h.cause)}：{h.from_name or '无'} → {h.to_name or '无'}"


def catalogue() -> dict[str, Any]:
    """The functions of this file for templates: ``w.acts(log)``."""
    return {"acts": acts, "changes": changes, "states": states, "bindings": bindings}
