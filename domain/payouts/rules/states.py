"""The tables of states of a bill (付款单) and a grant (授权); everything else is refused."""

from __future__ import annotations

from typing import Literal

from kernel.errors import Conflict

_SENT = ("paying", "awaiting_user", "cancelling")

# event -> {state before: state after}
BILL = {
    "reject": {"made": "rejected"},
    "send": {"made": "paying"},
    "await": {"paying": "awaiting_user"},
    "ask_cancel": {"awaiting_user": "cancelling"},
    "pay": dict.fromkeys(_SENT, "paid"),
    "fail": dict.fromkeys(_SENT, "failed"),
    "expire": dict.fromkeys(_SENT, "expired"),
    "cancel": dict.fromkeys(_SENT, "cancelled"),
    "return": dict.fromkeys(("rejected", "failed", "expired", "cancelled"), "returned"),
}
Channel = Literal["wechat", "granted", "payroll"]
EndReason = Literal["closed_here", "other_openid", "payee_type", "ABSENT", "CLOSED"]
"""Why a grant ended, besides WeChat's reasons."""
SENT = _SENT
COUNTED = (*SENT, "paid")  # money that was or may have been paid
FINAL = ("paid", "returned")


GRANT = {
    "confirm": {"asked": "active"},
    "expire": {"asked": "expired"},
    "refuse": {"asked": "refused"},
    "close": dict.fromkeys(("asked", "active"), "closed"),
}
GRANT_OPEN = ("asked", "active")


def next_bill_state(event: str, state: str) -> str:
    """A bill's state after an event. Raises Conflict('state_moved')."""
    return _next_state(BILL, event, state)


def next_grant_state(event: str, state: str) -> str:
    """A grant's state after an event. Raises Conflict('state_moved')."""
    return _next_state(GRANT, event, state)


def _next_state(table: dict[str, dict[str, str]], event: str, state: str) -> str:
    target = table[event].get(state)
    if target is None:
        raise Conflict("state_moved", state=state, event=event)
    return target
