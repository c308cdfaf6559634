"""Proposals that a second person decides, and what staff did by hand per day."""

from __future__ import annotations

from peewee import BigIntegerField

from schema.columns import FenField, JsonField, Table, UtcField, state, word


class Proposal(Table):
    """A step that needs the decision of a second person (审批申请)."""

    kind = word(32)
    subject = word(64)  # "order:FM…", "case:12", "member:7", "campaign:3"
    open_key = word(100, null=True, unique=True)  # kind and subject while open: unique
    payload = JsonField()  # what is to be done, and what the proposer saw
    cause = word(20)  # why a second person: no_right, single, person_day, shop_day
    reason = word(300)
    proposed_by = word(64)
    proposed_at = UtcField()
    expires_at = UtcField(index=True)
    state = state("open")  # open, approved, refused, withdrawn, expired, failed
    decided_by = word(64, null=True)
    decided_at = UtcField(null=True)
    decision_reason = word(300, null=True)
    result = JsonField(null=True)

    class Meta:
        indexes = ((("subject", "id"), False), (("proposed_by", "id"), False))


class StaffDay(Table):
    """How much a staff member, or the whole shop, did by hand on a day, by kind (当日累计)."""

    day = word(10)
    who = word(64)  # "staff:login", or "shop"
    kind = word(20)  # refund, rebinding, send
    times = BigIntegerField(default=0)
    total_fen = FenField(default=0)

    class Meta:
        indexes = ((("day", "who", "kind"), True),)
