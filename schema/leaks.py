"""Leaks of personal information."""

from __future__ import annotations

from peewee import IntegerField, TextField

from schema.columns import Table, UtcField, ref, state, word
from schema.members import Member


class Leak(Table):
    """A leak of personal information, with its texts, clocks and proofs (个人信息泄露)."""

    leak_no = word(32, unique=True)
    state = state("open")  # domain.leaks.rules.State
    edition = IntegerField(default=1)
    what = TextField()
    cause = TextField()
    harm = TextField()
    measures = TextField()
    advice = TextField()
    contact = word(200)
    found_at = UtcField()
    authority_due_at = UtcField()
    people_due_at = UtcField()
    authority_told_at = UtcField(null=True)
    authority_proof = word(300, null=True)
    announced_at = UtcField(null=True)
    untold_reason = word(300, null=True)  # why people need not be told: no harm is left
    proof = word(300, null=True)  # how it was closed
    opened_by = word(64)
    opened_at = UtcField()
    closed_by = word(64, null=True)
    closed_at = UtcField(null=True)


class LeakPerson(Table):
    """A member whom a leak concerns, and how they were told (受影响的人)."""

    leak = ref(Leak)
    member = ref(Member)
    state = state("waiting")  # domain.leaks.rules.PersonState
    carrier = word(16, null=True)
    fault = word(40, null=True)  # why no message reached them
    note = word(200, null=True)  # how staff told them otherwise
    told_at = UtcField(null=True)
    read_at = UtcField(null=True)

    class Meta:
        indexes = ((("leak", "member"), True), (("leak", "state", "id"), False))
