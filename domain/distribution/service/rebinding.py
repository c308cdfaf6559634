"""Rebinding with approval by a second person above the ceiling (改绑审批)."""

from __future__ import annotations

from functools import partial
from typing import Any

from domain import approvals, members
from domain.approvals import Approved, Kind, Plan
from domain.distribution.queries.people import distributor_by_code
from domain.distribution.service.binding import lock_tree, move_upline
from kernel import context
from kernel.errors import Conflict, Invalid, NotFound
from models import Binding

RIGHT = "bindings.move"


def register_kind() -> None:
    """Register rebinding as a kind of proposal (改绑)."""
    approvals.register_kind(Kind("rebinding", RIGHT, _move))


def move_or_propose(member_id: int, code: str, reason: str, *, may_act: bool) -> dict[str, Any]:
    """Move a customer to the distributor with ``code`` or to none, or propose the move.

    Returns {"proposal_id": None} if it was done. Raises NotFound('not_a_distributor') and what
    ``move_upline`` raises.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    members.member_detail(member_id)
    to_id = _target(code)
    if to_id == member_id:
        raise Invalid("binding_refused", why="oneself")
    actor = context.actor.get()
    payload = {"member_id": member_id, "to_member_id": to_id, "from_member_id": _upline(member_id)}
    plan = Plan("rebinding", f"member:{member_id}", payload, reason)
    act = partial(move_upline, member_id, to_id, actor, reason)
    done = approvals.act_or_propose(plan, act, actor, may_act=may_act)
    return {"proposal_id": done.proposal_id}


def _move(approved: Approved) -> None:
    asked = approved.payload
    member_id, to_id = int(asked["member_id"]), asked["to_member_id"]
    lock_tree()
    if _upline(member_id) != asked["from_member_id"]:
        raise Conflict("proposal_stale")
    move_upline(member_id, to_id, approved.decided_by, approved.reason)


def _target(code: str) -> int | None:
    if not code:
        return None
    found = distributor_by_code(code)
    if found is None:
        raise NotFound("not_a_distributor", "code")
    return int(found.member_id)


def _upline(member_id: int) -> int | None:
    row = Binding.get_or_none(Binding.member == member_id)
    return None if row is None else row.p1_id
