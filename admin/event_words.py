"""What the machine did by itself, in words: kinds of events, and which part of it acted."""

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
    "staff.locked", "hold.begin", "bill_line.matched", "bill_line.gone",
)  # fmt: skip
EVENT: Mapping[str, str] = {action: ACTION[action] for action in _RECORDED}


def part_of(source: str) -> str:
    """The job or task that acted by its name, WeChat, or just the system."""
    kind, _, name = source.partition(":")
    if kind == "periodic":
        return JOB.get(name, name)
    return TASK.get(name, name) if kind == "outbox" else who(source)
