"""Approval of a campaign that reaches more people than its sender may write to (群发审批)."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import Any

from domain import approvals
from domain.approvals import Approved, Kind, Plan
from domain.push.campaigns import (
    campaign_or_raise,
    check_start,
    count_reached_or_raise,
    form_of,
    start_campaign,
)
from domain.push.views import CampaignForm
from kernel.errors import Conflict
from kernel.ids import digest

RIGHT = "push.send"
MORE = 10


def register_kind() -> None:
    """Register sending as a kind of proposal (群发)."""
    approvals.register_kind(Kind("send", RIGHT, _send))


def send_or_propose(campaign_id: int, actor: str, *, may_act: bool = True) -> dict[str, Any]:
    """Start a draft, or propose it to a second person; {"proposal_id": None} if it was started.

    Raises Conflict('campaign_empty') if it reaches no one, and what ``start_campaign`` raises.
    """
    row = campaign_or_raise(campaign_id)
    form = form_of(row)
    if row.state != "draft":
        raise Conflict("state_moved", state=row.state)
    check_start(form)
    reached = count_reached_or_raise(form)
    payload = {
        "campaign_id": campaign_id, "title": form.title, "carrier": form.carrier,
        "reached": reached, "content": _fingerprint(form),
    }  # fmt: skip
    plan = Plan("send", f"campaign:{campaign_id}", payload, form.title)
    act = partial(start_campaign, campaign_id, actor)
    done = approvals.act_or_propose(plan, act, actor, may_act=may_act)
    return {"proposal_id": done.proposal_id}


def _send(approved: Approved) -> None:
    """Start an approved campaign if it is still the draft that was proposed.

    Raises Conflict('proposal_stale') if it was changed, or reaches a tenth (at least ten people)
    more.
    """
    asked = approved.payload
    row = campaign_or_raise(int(asked["campaign_id"]))
    if row.state != "draft" or _fingerprint(form_of(row)) != asked["content"]:
        raise Conflict("proposal_stale")
    asked_for = int(asked["reached"])
    if count_reached_or_raise(form_of(row)) > asked_for + max(MORE, asked_for // MORE):
        raise Conflict("proposal_stale")
    start_campaign(row.id, approved.decided_by)


def _fingerprint(form: CampaignForm) -> str:
    return digest(json.dumps(asdict(form), sort_keys=True, ensure_ascii=False, default=str))
