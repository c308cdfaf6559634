"""Texts for the codes that the domain returns: states, reasons, causes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernel import catalogues
from kernel.money import calculation_text, yuan
from kernel.refusals import is_of_the_identity, payee_words
from kernel.text import graphemes
from mall_h5 import trade_words
from mall_h5.company_words import company_facts, licence_lines
from mall_h5.promise_words import promise_lines, with_promises
from mall_h5.tiles import tile
from mall_h5.trade_words import TEXT, State

PHASES = TEXT.records("commission.phase", State)
WITHDRAWALS = TEXT.records("withdrawal.state", State)
ORIGINS = TEXT.names("origin")
CAUSES = TEXT.names("binding.cause")
REFUSALS = TEXT.names("binding.refusal")
NOT_MINE = catalogues.of("shared").names("not_mine")
LIFT_CAUSE = TEXT.names("lift_cause")
HOLD_CAUSE = TEXT.names("hold_cause")


def why_this_much(entry: Any) -> str:
    """How a line's commission was calculated, in one sentence."""
    why = entry.why
    if why.get("mode") == "fixed":
        each = (why.get("shares") or [0])[entry.level - 1]
        text = f"每件 ¥{yuan(each)} × {why.get('quantity', entry.quantity)} 件"
    else:
        text = f"实付 {calculation_text(entry.base_fen, entry.rates, entry.amount_fen)}"
    if why.get("is_capped"):
        text += "（已按单笔上限调整）"
    if entry.taken_fen:
        text += f"；退款收回 ¥{yuan(entry.taken_fen)}"
    return text


def withdrawal_log(steps: Iterable[Any]) -> list[tuple[Any, str, str]]:
    """A withdrawal's steps for the timeline as (instant, title, detail), newest first.

    The detail is the reason that a person gave who rejected it.
    """
    moves = [step for step in steps if step.from_state != step.to_state]
    moves.sort(key=lambda step: step.at, reverse=True)
    return [(step.at, _withdrawal(step.to_state).title, _reason_told(step)) for step in moves]


def _reason_told(step: Any) -> str:
    is_told = step.to_state == "rejected" and step.actor.startswith("staff:")
    return step.why or "" if is_told else ""


def _withdrawal(state: str) -> State:
    return WITHDRAWALS.get(state, State(state))


def upline_log(history: Iterable[Any]) -> list[tuple[Any, str, str]]:
    """What happened to a member's binding, for the timeline as (instant, title, detail)."""
    return [(h.at, _new_upline(h), _cause_of_binding(h)) for h in history]


def _new_upline(h: Any) -> str:
    return f"没有变更为 {h.to_name or ''}" if h.refusal else h.to_name or "无推荐人"


def _cause_of_binding(h: Any) -> str:
    cause = CAUSES.get(h.cause or "", "—")
    return f"{cause}：{REFUSALS.get(h.refusal, h.refusal)}" if h.refusal else cause


BADGE_MOST = 99


def badge_count(count: int) -> str:
    """A number in a badge: 7, 99+."""
    return str(count) if count <= BADGE_MOST else f"{BADGE_MOST}+"


def short(number: int) -> str:
    """A number that fits a phone, rounded down: 9876, 1.2万, 35万, 1.2亿."""
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            tenths = number * 10 // size
            is_whole = tenths >= 100 or not tenths % 10
            return f"{tenths // 10 if is_whole else tenths / 10}{unit}"
    return str(number)


def yuan_short(fen: int) -> str:
    """Fen as yuan that fit a phone, rounded down: 12.50, 9876.00, 1.2万."""
    return short(fen // 100) if fen >= 10**6 else yuan(fen)


FILTERS = {
    "badge_count": badge_count,
    "short": short,
    "yuan_short": yuan_short,
    "phase": lambda code: PHASES.get(code, State(code)),
    "withdrawal": _withdrawal,
    "hold_cause": lambda code: HOLD_CAUSE[code],
    "lift_cause": lambda code: LIFT_CAUSE[code],
    "origin": lambda code: ORIGINS.get(code, code) or "较早的订单",
    "cause": lambda code: CAUSES.get(code or "", "—"),
    "not_mine": lambda code: NOT_MINE[code],
    "fail_reason": lambda code: payee_words(code, is_open=False),
    "open_reason": lambda code: payee_words(code, is_open=True),
    "is_of_the_identity": is_of_the_identity,
    "why_this_much": why_this_much,
    "withdrawal_log": withdrawal_log,
    "upline_log": upline_log,
    "tile": tile,
    "initial": lambda name: graphemes(name)[0],
    "promise_lines": promise_lines,
    "with_promises": with_promises,
    "licence_lines": licence_lines,
    "company_facts": company_facts,
    **trade_words.FILTERS,
}
