"""Approval by a second person of what moves money or bindings (审批).

See ``docs/algorithms/approvals.md``.
"""

from domain.approvals.ceilings import Use, Used, ceilings_of, count_against_ceilings, used_today
from domain.approvals.erasing import PERSONAL
from domain.approvals.finding import find_proposals
from domain.approvals.limits import change_switches
from domain.approvals.queries import (
    ProposalView,
    View,
    count_to_decide,
    list_proposals,
    list_proposals_about,
    orders_that_wait,
    proposal_detail,
)
from domain.approvals.rules import (
    STATES,
    Approved,
    Kind,
    Plan,
    all_kinds,
    kinds_for,
    register_kind,
)
from domain.approvals.service import (
    Outcome,
    act_or_propose,
    decide_proposal,
    expire_proposals,
    withdraw_proposal,
)

__all__ = [
    "PERSONAL", "STATES", "Approved", "Kind", "Outcome", "Plan", "ProposalView", "Use", "Used",
    "View", "act_or_propose", "all_kinds", "ceilings_of", "change_switches",
    "count_against_ceilings", "count_to_decide", "decide_proposal", "expire_proposals",
    "find_proposals", "kinds_for", "list_proposals", "list_proposals_about", "orders_that_wait",
    "proposal_detail", "register_kind", "used_today", "withdraw_proposal",
]  # fmt: skip
