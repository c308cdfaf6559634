"""Propose, decide, withdraw, expire (申请、审批、撤回、过期)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain import after_restore_hold, audit, settings, staff
from domain.approvals.ceilings import count_proposal, decided_by_two
from domain.approvals.notices import ProposalOpened
from domain.approvals.rules import Approved, Cause, Plan, kind_of
from domain.notices import notify_owner
from domain.settings import StaffCeilings
from kernel import clock, typed
from kernel.errors import Conflict, DomainError, Forbidden, Invalid, LimitReached, NotFound
from kernel.store import insert_once, lock_row, savepoint
from models import Proposal

REASON_MOST = 300


@dataclass(frozen=True)
class Outcome:
    """The result of a step: done, or proposed to a second person."""

    proposal_id: int | None

    @property
    def is_done(self) -> bool:
        """True if the step was done at once."""
        return self.proposal_id is None


def act_or_propose(plan: Plan, act: Callable[[], Any], actor: str, *, may_act: bool) -> Outcome:
    """Do a step, or propose it if the right is missing or a limit or ceiling is exceeded.

    ``act`` counts itself by ``spend``. Raises what ``act`` and ``open_proposal`` raise.
    """
    cause: Cause = "no_right"
    if may_act:
        try:
            with savepoint():
                act()
        except LimitReached as refused:
            if refused.code != "second_person":
                raise
            cause = refused.facts["cause"]
        else:
            return Outcome(None)
    return Outcome(open_proposal(plan, actor, cause))


def open_proposal(plan: Plan, actor: str, cause: Cause = "no_right") -> int:
    """Propose a step to a second person; the owner is notified (提交申请).

    Returns the proposal's id. Raises Invalid('reason_missing'), Conflict('proposal_open') if the
    same is open, LimitReached('proposals_many'), which limits the notices to the owner.
    """
    kind, now = kind_of(plan.kind), clock.now()
    reason = typed.words(plan.reason, REASON_MOST, "reason")
    if not reason:
        raise Invalid("reason_missing", "reason")
    count_proposal(actor)
    days = settings.get(StaffCeilings).proposal_days
    key = f"{kind.name}:{plan.subject}"
    is_new = insert_once(
        Proposal, kind=kind.name, subject=plan.subject, open_key=key, payload=plan.payload,
        cause=cause, reason=reason, proposed_by=actor[:64], proposed_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    row = Proposal.get_or_none(Proposal.open_key == key)
    if not is_new or row is None:
        raise Conflict("proposal_open", proposal_id=None if row is None else row.id)
    audit.record("proposal.open", "proposal", row.id, actor=actor,
                 after={"kind": kind.name, "subject": plan.subject, "reason": reason,
                        "cause": cause})  # fmt: skip
    fen = int(plan.payload.get("total_fen") or 0)
    who = staff.name_of(actor)
    notify_owner(ProposalOpened(code=kind.name, who=who, reason=row.reason, fen=fen))
    return int(row.id)


def decide_proposal(proposal_id: int, actor: str, *, is_approved: bool, reason: str = "") -> str:
    """Decide a proposal as a second person; an approved one is carried out in this transaction.

    Returns the state: approved, refused, or failed if something changed since the proposal;
    ``result`` then has the error's code and facts. During a hold after a restore nothing can be
    approved, and the proposal stays open. Raises Conflict('same_person', 'proposal_decided',
    'proposal_expired'), Forbidden('right_missing'), Invalid('reason_missing') for a refusal
    without one.
    """
    row = _open_proposal(proposal_id)
    if row.proposed_by == actor:
        raise Conflict("same_person")
    right = kind_of(row.kind).right
    if right not in staff.rights_held(actor):
        raise Forbidden("right_missing", right=right)
    if row.expires_at <= clock.now():
        raise Conflict("proposal_expired")
    if not is_approved and not reason.strip():
        raise Invalid("reason_missing", "reason")
    said = typed.words(reason, REASON_MOST, "reason")
    if is_approved:
        after_restore_hold.raise_if_held()
    _end(row, "approved" if is_approved else "refused", decided_by=actor[:64],
         decided_at=clock.now(), decision_reason=said)  # fmt: skip
    state, result = "refused", None
    if is_approved:
        state, result = _carry_out(row, actor)
        Proposal.update(state=state, result=result).where(Proposal.id == row.id).execute()
    audit.record("proposal.decide", "proposal", row.id, actor=actor,
                 before={"proposed_by": row.proposed_by},
                 after={"state": state, "reason": said})  # fmt: skip
    return state


def withdraw_proposal(proposal_id: int, actor: str) -> None:
    """Withdraw one's own proposal (撤回). Raises NotFound for another's, Conflict."""
    row = _open_proposal(proposal_id)
    if row.proposed_by != actor:
        raise NotFound("proposal_missing")
    _end(row, "withdrawn", decided_at=clock.now())
    audit.record("proposal.withdraw", "proposal", row.id, actor=actor)


def expire_proposals(limit: int = 200) -> int:
    """Mark proposals as expired that were not decided in time; returns how many (过期)."""
    due = (Proposal.state == "open") & (Proposal.expires_at <= clock.now())
    rows = Proposal.select(Proposal.id).where(due).order_by(Proposal.id).limit(limit)
    ids = [row.id for row in rows]
    return int(
        Proposal.update(state="expired", open_key=None)
        .where(Proposal.id.in_(ids) & (Proposal.state == "open"))
        .execute()
    )


def _open_proposal(proposal_id: int) -> Proposal:
    row = lock_row(Proposal, proposal_id)
    if row is None:
        raise NotFound("proposal_missing")
    if row.state != "open":
        raise Conflict("proposal_decided", state=row.state)
    return row


def _end(row: Proposal, state: str, **values: Any) -> None:
    """Close a proposal once; a parallel decision raises Conflict('proposal_decided')."""
    same = (Proposal.id == row.id) & (Proposal.state == "open")
    changed = Proposal.update(state=state, open_key=None, **values).where(same).execute()
    if changed != 1:
        raise Conflict("proposal_decided", state=row.state)


def _carry_out(row: Proposal, actor: str) -> tuple[str, Any]:
    approved = Approved(row.id, row.payload, row.reason, row.proposed_by, actor)
    try:
        with savepoint(), decided_by_two():
            return "approved", kind_of(row.kind).apply(approved)
    except DomainError as refused:
        return "failed", {"code": refused.code, "facts": refused.facts}
