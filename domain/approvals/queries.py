"""Reads of proposals, for lists and pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.approvals.rules import kind_of, kinds_for
from kernel import clock
from kernel.errors import NotFound
from models import Proposal

View = Literal["open", "mine", "decided"]


@dataclass(frozen=True)
class ProposalView:
    """A proposal; an open one whose time is over is shown as expired."""

    id: int
    kind: str
    right: str
    subject: str
    payload: dict[str, Any]
    cause: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    result: Any

    @property
    def is_open(self) -> bool:
        """True while the proposal can be decided."""
        return self.state == "open"

    def is_for(self, actor: str, rights: frozenset[str]) -> bool:
        """True if this person may decide it: has the kind's right and did not propose it."""
        return self.is_open and self.right in rights and self.proposed_by != actor


def list_proposals(
    view: View, actor: str, before_id: int | None = None, limit: int = 50
) -> list[ProposalView]:
    """Proposals, newest first: those that wait, a person's own, or the decided ones."""
    query = Proposal.select()
    if view == "open":
        query = query.where(_waits())
    elif view == "mine":
        query = query.where(Proposal.proposed_by == actor)
    else:
        query = query.where(~_waits())
    if before_id is not None:
        query = query.where(Proposal.id < before_id)
    return [_view(row) for row in query.order_by(Proposal.id.desc()).limit(limit)]


def proposal_detail(proposal_id: int) -> ProposalView:
    """One proposal. Raises NotFound('proposal_missing')."""
    row = Proposal.get_or_none(Proposal.id == proposal_id)
    if row is None:
        raise NotFound("proposal_missing")
    return _view(row)


def list_proposals_about(subjects: Iterable[str], limit: int = 5) -> list[ProposalView]:
    """The latest proposals about these subjects, for their page."""
    mine = Proposal.subject.in_(list(subjects))
    query = Proposal.select().where(mine).order_by(Proposal.id.desc()).limit(limit)
    return [_view(row) for row in query]


def orders_that_wait() -> set[str]:
    """The numbers of orders about which a refund, or an answer to a case, waits for a decision."""
    rows = Proposal.select(Proposal.payload).where(_waits())
    return {str(row.payload["order_no"]) for row in rows if row.payload.get("order_no")}


def count_to_decide(actor: str, rights: frozenset[str]) -> int:
    """The number of proposals that this person may decide now."""
    kinds = kinds_for(rights)
    others = (Proposal.proposed_by != actor) & Proposal.kind.in_(kinds)
    return int(Proposal.select().where(_waits() & others).count()) if kinds else 0


def _waits() -> Any:
    return (Proposal.state == "open") & (Proposal.expires_at > clock.now())


def _view(row: Proposal) -> ProposalView:
    is_over = row.state == "open" and row.expires_at <= clock.now()
    return ProposalView(
        id=row.id,
        kind=row.kind,
        right=kind_of(row.kind).right,
        subject=row.subject,
        payload=row.payload,
        cause=row.cause,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        state="expired" if is_over else row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        result=row.result,
    )
