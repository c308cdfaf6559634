"""Doubts whether a member is of age (年龄存疑), and the tries to prove it."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
)

from kernel.fields import UtcField
from kernel.migrate import create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class AgeDoubt(Model):
    id = BigAutoField()
    member = ForeignKeyField(Member, on_delete="RESTRICT")
    open_for = BigIntegerField(null=True, unique=True)
    state = CharField(
        max_length=20, index=True, default="waiting", constraints=[SQL("DEFAULT 'waiting'")]
    )
    cause = CharField(max_length=12)
    reason = CharField(max_length=200, default="", constraints=[SQL("DEFAULT ''")])
    order_no = CharField(max_length=32, null=True)
    tries = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    raised_by = CharField(max_length=64)
    raised_at = UtcField()
    due_at = UtcField(index=True)
    ended_how = CharField(max_length=12, null=True)
    ground = CharField(max_length=200, null=True)
    ended_by = CharField(max_length=64, null=True)
    ended_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False


class AgeTry(Model):
    id = BigAutoField()
    doubt = ForeignKeyField(AgeDoubt, on_delete="RESTRICT")
    member = ForeignKeyField(Member, index=False, on_delete="RESTRICT")
    number_hash = CharField(max_length=64, index=True)
    person_hash = CharField(max_length=64)
    result = CharField(max_length=12, default="asked", constraints=[SQL("DEFAULT 'asked'")])
    fault = CharField(max_length=40, null=True)
    at = UtcField()

    class Meta:
        legacy_table_names = False
        indexes = ((("member", "at"), False),)


def up(_: Any, db: Any) -> None:
    """New tables only: the release before does not see them."""
    create_tables(db, [AgeDoubt, AgeTry])
