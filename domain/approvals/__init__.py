"""Approval by a second person of what moves money or bindings (审批).

See ``docs/algorithms/approvals.md``.
"""

from domain.approvals.ceilings import Use, Used, ceilings_of, spend, used_today
from domain.approvals.limits import change_switches
from domain.approvals.queries import (
    ProposalView,
    View,
    count_to_decide,
    proposal,
    proposals,
    proposals_of,
)
from domain.approvals.rules import (
    STATES,
    Approved,
    Kind,
    Plan,
    all_kinds,
    kinds_for,
    register,
)
from domain.approvals.service import Outcome, act_or_propose, decide, expire, propose, withdraw

__all__ = [
    "STATES", "Approved", "Kind", "Outcome", "Plan", "ProposalView", "Use", "Used", "View",
    "act_or_propose", "all_kinds", "ceilings_of", "change_switches", "count_to_decide", "decide",
    "expire", "kinds_for", "proposal", "proposals", "proposals_of", "propose", "register", "spend",
    "used_today", "withdraw",
]  # fmt: skip
