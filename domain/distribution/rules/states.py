"""State tables of distributors and withdrawals: everything not listed is refused."""

from __future__ import annotations

from kernel.errors import Conflict

# Distributor (分销商): event -> {state before: state after}
DISTRIBUTOR = {
    "approve": {"applied": "active"},
    "reject": {"applied": "rejected"},
    "suspend": {"active": "suspended"},
    "restore": {"suspended": "active"},
    "leave": {"active": "left", "suspended": "left", "applied": "left"},
    "apply_again": {"rejected": "applied", "left": "applied"},
    "appoint": {"applied": "active", "rejected": "active", "left": "active"},
}

# Withdrawal (提现): event -> {state before: state after}
WITHDRAWAL = {
    "approve": {"requested": "approved"},
    "reject": {"requested": "rejected", "approved": "rejected"},
    "send": {"approved": "paying"},
    "await": {"paying": "awaiting_user"},
    "ask_cancel": {"awaiting_user": "cancelling"},
    "pay": {"paying": "paid", "awaiting_user": "paid", "cancelling": "paid"},
    "fail": {"paying": "failed", "awaiting_user": "failed", "cancelling": "failed"},
    "expire": {"paying": "expired", "awaiting_user": "expired", "cancelling": "expired"},
    "cancel": {"paying": "cancelled", "awaiting_user": "cancelled", "cancelling": "cancelled"},
    "return": {
        "rejected": "returned", "failed": "returned", "expired": "returned",
        "cancelled": "returned",
    },
}  # fmt: skip
UNSENT = ("requested", "approved")
SENT = ("paying", "awaiting_user", "cancelling")
COUNTED = (*SENT, "paid")  # money that left or may have left


def after(table: dict[str, dict[str, str]], event: str, state: str) -> str:
    """The state that an event leads to. Raises Conflict('state_moved')."""
    target = table[event].get(state)
    if target is None:
        raise Conflict("state_moved", state=state, event=event)
    return target
