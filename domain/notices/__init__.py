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
    ResolvedNotice,
    declared_notices,
    facts_of,
    read_notice,
    resolve_notice,
    stored_facts,
)
from domain.notices.sending import (
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
    "Number", "Occasion", "OwnerNotice", "Reason", "ResolvedNotice", "RowNumber", "Text", "Title",
    "TrackingNo", "Who", "declared_notices", "facts_of", "notify", "notify_owner",
    "notify_owner_daily", "read_notice", "resolve_notice", "sent_on", "stored_facts",
    "subscribe_all",
]  # fmt: skip
