"""Sending notices: each becomes an outbox row in the transaction of its cause."""

from __future__ import annotations

from datetime import timedelta

from domain.notices.registry import MemberNotice, OwnerNotice, stored
from domain.outbox import enqueue, payloads_since
from kernel import clock

MEMBER, OWNER = "notify.member", "notify.owner"
_DAY = timedelta(days=1)


def notify(member_id: int, notice: MemberNotice) -> None:
    """Send a notice to a member, by whatever way WeChat allows when it is sent."""
    facts = stored(notice)
    enqueue(MEMBER, {"member_id": member_id, "purpose": notice.KEY, "facts": facts})


def notify_owner(notice: OwnerNotice) -> None:
    """Send a notice to the owner."""
    enqueue(OWNER, {"purpose": notice.KEY, "facts": stored(notice)})


def notify_owner_daily(notice: OwnerNotice) -> None:
    """Send a notice to the owner, at most once in 24 hours for the same ``code``."""
    about = (notice.KEY, stored(notice).get("code"))
    rows = payloads_since(OWNER, clock.now() - _DAY)
    if all((row["purpose"], row["facts"].get("code")) != about for row in rows):
        notify_owner(notice)
