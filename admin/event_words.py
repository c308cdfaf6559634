"""Names of system events, and of the job or task that caused one."""

from __future__ import annotations

from collections.abc import Mapping

from admin.words import ACTION, JOB, TASK, who

_RECORDED = (
    "order.payment_returned", "refund.begin", "refund.abnormal", "refund.mismatch",
    "refund.unknown_number", "refund.twice", "refund.adopt", "refund.found",
    "payment.mismatch", "payment.unknown_number", "payment.adopt",
    "commission.void", "withdrawal.adopt", "payout.take_back", "payouts.stop",
    "payout_uncertain", "transfer_alive", "transfer_differs", "transfer_contradicts",
    "grant.active", "grant.closed", "grant.differs", "campaign.draft", "campaign.start",
    "member.erased", "staff.locked", "hold.begin", "age.proven", "age.refused",
    "bill_line.matched", "bill_line.gone",
)  # fmt: skip
EVENT: Mapping[str, str] = {action: ACTION[action] for action in _RECORDED}


def part_of(source: str) -> str:
    """The name of the source of an event: a job, a task, WeChat, or the system."""
    kind, _, name = source.partition(":")
    if kind == "periodic":
        return JOB.get(name, name)
    return TASK.get(name, name) if kind == "outbox" else who(source)
