"""Faults that tests and the desk arm: which calls they affect, how often, and how."""

from __future__ import annotations

from typing import Any

from simulator.errors import SimError
from simulator.world import Fault, World

KINDS = ("api", "oauth", "pay", "push", "notify", "notify.pay", "notify.refund", "notify.transfer",
         "notify.grant", "identity")  # fmt: skip
INBOUND = {"status", "delay_s", "drop", "garbage", "when"}
STEP = {
    "step", "before_effect_s", "hold_before_effect", "effect", "before_answer_s",
    "hold_before_answer", "answer",
}  # fmt: skip
ANSWERS: dict[str, set[str]] = {
    "api": {"status", "errcode", "errmsg", "drop", "garbage"},
    "oauth": {"status", "errcode", "errmsg", "drop", "garbage"},
    "pay": {"status", "code", "message", "body", "drop", "garbage"},
    "identity": {"status", "code", "message", "result", "drop", "garbage"},
}
ACTIONS: dict[str, set[str]] = {
    "api": INBOUND | {"errcode", "errmsg", "stale_token"},
    "oauth": INBOUND | {"errcode", "errmsg"},
    "pay": INBOUND | {"code", "message", "bad_signature", "stale_timestamp", "unsigned"},
    "identity": INBOUND | {"code", "message", "result"},
    "push": {
        "lose", "delay_s", "duplicate", "reorder", "bad_signature", "stale_timestamp",
        "wrong_appid", "previous_key", "mode", "ignore_reply",
    },
    "notify": {
        "lose", "lose_all", "delay_s", "duplicate", "reorder", "bad_signature",
        "stale_timestamp", "signtest", "no_signature_type", "by",
    },
}  # fmt: skip
MATCHES = {"kind", "path", "path_is", "method", "phone", "event"}


def as_step(step: dict[str, Any]) -> dict[str, Any]:
    """A step of a plan as a fault's action; an empty step lets the call run as usual."""
    return {"step": True} | step


def is_step(action: dict[str, Any]) -> bool:
    """True if an action is a step of a plan."""
    return "step" in action


def add(world: World, match: dict[str, Any], action: dict[str, Any], count: int | None) -> Fault:
    """Arm a fault. A misspelt matcher or action is refused: a test would pass without it."""
    kind = match.get("kind")
    if kind not in KINDS:
        raise SimError(f"match.kind must be one of {', '.join(KINDS)}")
    if unknown := set(match) - MATCHES:
        raise SimError(f"unknown match keys: {sorted(unknown)}")
    allowed = STEP if is_step(action) else ACTIONS[kind.partition(".")[0]]
    if unknown := set(action) - allowed:
        raise SimError(f"unknown actions for {kind}: {sorted(unknown)}")
    if is_step(action):
        _check_step(kind, action)
    if not action:
        raise SimError("action is empty")
    fault = Fault(id=world.next_id(), match=match, action=action, left=count)
    world.faults.append(fault)
    return fault


def _check_step(kind: str, step: dict[str, Any]) -> None:
    if kind not in ANSWERS:
        raise SimError(f"plans are for {', '.join(ANSWERS)}")
    answer = step.get("answer", {"status": 0})
    if not isinstance(answer, dict) or not answer:
        raise SimError("answer is an object that says something")
    if unknown := set(answer) - ANSWERS[kind]:
        raise SimError(f"unknown answers for {kind}: {sorted(unknown)}")
    if step.get("effect") is False and "answer" not in step:
        raise SimError("a call without effect needs its answer")


def take(world: World, kind: str, **facts: str) -> dict[str, Any]:
    """The action of the first armed fault that matches this call; {} if none does."""
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
        if key == "path_is" and facts.get("path", "") != value:
            return False
        if key in ("method", "phone", "event") and facts.get(key, "") != value:
            return False
    return True
