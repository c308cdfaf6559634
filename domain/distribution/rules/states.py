"""The table of a distributor's states; everything else is refused."""

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


def next_state(table: dict[str, dict[str, str]], event: str, state: str) -> str:
    """The state after an event. Raises Conflict('state_moved')."""
    target = table[event].get(state)
    if target is None:
        raise Conflict("state_moved", state=state, event=event)
    return target
