"""Impact assessments (影响评估) and leaks of personal information (泄露)."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.fields import JsonField, UtcField
from kernel.migrate import create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class ImpactReport(Model):
    id = BigAutoField()
    subject = CharField(max_length=12)
    number = IntegerField()
    purpose = TextField()
    necessity = TextField()
    effect = TextField()
    risk = CharField(max_length=8)
    measures = TextField()
    registers = JsonField()
    made_by = CharField(max_length=64)
    made_at = UtcField()
    review_at = UtcField()
    keep_until_at = UtcField()

    class Meta:
        legacy_table_names = False
        indexes = ((("subject", "number"), True),)


class Leak(Model):
    id = BigAutoField()
    leak_no = CharField(max_length=32, unique=True)
    state = CharField(
        max_length=20, index=True, default="open", constraints=[SQL("DEFAULT 'open'")]
    )
    edition = IntegerField(default=1, constraints=[SQL("DEFAULT 1")])
    what = TextField()
    cause = TextField()
    harm = TextField()
    measures = TextField()
    advice = TextField()
    contact = CharField(max_length=200)
    found_at = UtcField()
    authority_due_at = UtcField()
    people_due_at = UtcField()
    authority_told_at = UtcField(null=True)
    authority_proof = CharField(max_length=300, null=True)
    announced_at = UtcField(null=True)
    untold_reason = CharField(max_length=300, null=True)
    proof = CharField(max_length=300, null=True)
    opened_by = CharField(max_length=64)
    opened_at = UtcField()
    closed_by = CharField(max_length=64, null=True)
    closed_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False


class LeakPerson(Model):
    id = BigAutoField()
    leak = ForeignKeyField(Leak, on_delete="RESTRICT")
    member = ForeignKeyField(Member, on_delete="RESTRICT")
    state = CharField(
        max_length=20, index=True, default="waiting", constraints=[SQL("DEFAULT 'waiting'")]
    )
    carrier = CharField(max_length=16, null=True)
    fault = CharField(max_length=40, null=True)
    note = CharField(max_length=200, null=True)
    told_at = UtcField(null=True)
    read_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("leak", "member"), True), (("leak", "state", "id"), False))


def up(_: Any, db: Any) -> None:
    """New tables only."""
    create_tables(db, [ImpactReport, Leak, LeakPerson])
