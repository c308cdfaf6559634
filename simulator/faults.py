"""Faults on demand: which call they meet, how often, and what they do."""

from __future__ import annotations

from typing import Any

from simulator.errors import SimError
from simulator.world import Fault, World

KINDS = ("api", "oauth", "pay", "push", "notify", "notify.pay", "notify.refund", "notify.transfer")
INBOUND = {"status", "delay_s", "drop", "garbage", "when"}
ACTIONS: dict[str, set[str]] = {
    "api": INBOUND | {"errcode", "errmsg", "stale_token"},
    "oauth": INBOUND | {"errcode", "errmsg"},
    "pay": INBOUND | {"code", "message", "bad_signature", "stale_timestamp", "unsigned"},
    "push": {
        "lose", "delay_s", "duplicate", "reorder", "bad_signature", "stale_timestamp",
        "wrong_appid", "previous_key", "mode", "ignore_reply",
    },
    "notify": {
        "lose", "lose_all", "delay_s", "duplicate", "reorder", "bad_signature",
        "stale_timestamp", "signtest", "no_signature_type", "by",
    },
}  # fmt: skip
MATCHES = {"kind", "path", "method", "phone", "event"}


def add(world: World, match: dict[str, Any], action: dict[str, Any], count: int | None) -> Fault:
    """Arm a fault; a misspelt matcher or action is refused, else a test would pass by luck."""
    kind = match.get("kind")
    if kind not in KINDS:
        raise SimError(f"match.kind must be one of {', '.join(KINDS)}")
    if unknown := set(match) - MATCHES:
        raise SimError(f"unknown match keys: {sorted(unknown)}")
    if unknown := set(action) - ACTIONS[kind.partition(".")[0]]:
        raise SimError(f"unknown actions for {kind}: {sorted(unknown)}")
    if not action:
        raise SimError("action is empty")
    fault = Fault(id=world.next_id(), match=match, action=action, left=count)
    world.faults.append(fault)
    return fault


def take(world: World, kind: str, **facts: str) -> dict[str, Any]:
    """The action of the first armed fault that meets this call; {} when none does."""
    for fault in world.faults:
        if fault.left != 0 and _meets(fault.match, kind, facts):
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
            return fault.action
    return {}


def _meets(match: dict[str, Any], kind: str, facts: dict[str, str]) -> bool:
    wanted = match["kind"]
    if kind != wanted and not kind.startswith(wanted + "."):
        return False
    for key, value in match.items():
        if key == "path" and not facts.get("path", "").startswith(value):
            return False
        if key in ("method", "phone", "event") and facts.get(key, "") != value:
            return False
    return True
