"""People's requests about their own data, and sealed copies that law requires."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    Model,
    TextField,
)

from kernel.fields import JsonField, UtcField
from kernel.migrate import create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class KeptRecord(Model):
    id = BigAutoField()
    member = ForeignKeyField(Member, on_delete="RESTRICT")
    subject = CharField(max_length=16)
    subject_id = BigIntegerField()
    ground = CharField(max_length=16)
    wrapped_key = TextField()
    sealed = TextField()
    made_at = UtcField()
    until_at = UtcField(index=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("subject", "subject_id"), False),)


class RightsRequest(Model):
    id = BigAutoField()
    request_no = CharField(max_length=32, unique=True)
    member = ForeignKeyField(Member, on_delete="RESTRICT")
    kind = CharField(max_length=12)
    state = CharField(max_length=20, index=True, constraints=[SQL("DEFAULT 'open'")])
    open_key = CharField(max_length=40, null=True, unique=True)
    came_by = CharField(max_length=8)
    text = TextField()
    gives_up = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    owner = CharField(max_length=64, null=True)
    answer = TextField(null=True)
    answered_by = CharField(max_length=64, null=True)
    created_at = UtcField()
    due_at = UtcField(index=True)
    ends_at = UtcField(null=True)
    told_at = UtcField(null=True)
    stopped_by = JsonField(null=True)
    closed_at = UtcField(null=True)
    file = CharField(max_length=32, null=True)
    bytes = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    file_until_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("state", "kind", "id"), False), (("state", "ends_at"), False))


def up(_: Any, db: Any) -> None:
    """New tables only."""
    create_tables(db, [KeptRecord, RightsRequest])
