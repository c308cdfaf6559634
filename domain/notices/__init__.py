"""Notices (通知): messages to members and the owner, each declared once.

See ``docs/algorithms/push.md`` and ADR 0061; ``docs/adding.md`` says how to add one.
"""

from domain.notices.facts import (
    Code,
    Company,
    Fen,
    Kind,
    Number,
    Reason,
    RowNumber,
    Text,
    Title,
    TrackingNo,
    Who,
)
from domain.notices.registry import (
    Fact,
    MemberNotice,
    Notice,
    Occasion,
    OwnerNotice,
    Told,
    declared,
    facts_of,
    looked_up,
    read,
    stored,
)
from domain.notices.telling import (
    MEMBER,
    OWNER,
    notify,
    notify_owner,
    notify_owner_daily,
    sent_on,
    subscribe_all,
)

__all__ = [
    "MEMBER", "OWNER", "Code", "Company", "Fact", "Fen", "Kind", "MemberNotice", "Notice",
    "Number", "Occasion", "OwnerNotice", "Reason", "RowNumber", "Text", "Title", "Told",
    "TrackingNo", "Who", "declared", "facts_of", "looked_up", "notify", "notify_owner",
    "notify_owner_daily", "read", "sent_on", "stored", "subscribe_all",
]  # fmt: skip
