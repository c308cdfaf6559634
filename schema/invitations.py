"""Invitations of happy buyers."""

from __future__ import annotations

from schema.columns import Table, UtcField, ref
from schema.members import Member
from schema.orders import Order


class Invitation(Table):
    """A happy buyer's invitation to recommend (推荐邀请): one a person, and what came of it."""

    member = ref(Member, unique=True)
    order = ref(Order, null=True, index=False)  # whose receipt led to it
    received_at = UtcField(null=True)
    sent_at = UtcField(null=True)  # null: the days after the receipt run, or it was refused before
    joined_at = UtcField(null=True)
    passed_on_at = UtcField(null=True)
    stopped_at = UtcField(null=True)  # refused; nothing is asked again

    class Meta:
        indexes = (
            (("sent_at", "received_at"), False),
            # a covering index for the merchant's figures
            (("sent_at", "joined_at", "passed_on_at", "stopped_at"), False),
        )
