"""Proposals that a second person decides, and daily totals of what staff do by hand."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CharField, Model, TextField

from kernel.migrate import create_tables


class Proposal(Model):
    id = BigAutoField()
    kind = CharField(max_length=32)
    subject = CharField(max_length=64)
    open_key = CharField(max_length=100, null=True, unique=True)
    payload = TextField()
    cause = CharField(max_length=20)
    reason = CharField(max_length=300)
    proposed_by = CharField(max_length=64)
    proposed_at = BigIntegerField()
    expires_at = BigIntegerField(index=True)
    state = CharField(max_length=20, index=True, constraints=[SQL("DEFAULT 'open'")])
    decided_by = CharField(max_length=64, null=True)
    decided_at = BigIntegerField(null=True)
    decision_reason = CharField(max_length=300, null=True)
    result = TextField(null=True)

    class Meta:
        table_name = "proposal"
        indexes = (
            (("subject", "id"), False),
            (("proposed_by", "id"), False),
        )


class StaffDay(Model):
    id = BigAutoField()
    day = CharField(max_length=10)
    who = CharField(max_length=64)
    kind = CharField(max_length=20)
    times = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    total_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "staff_day"
        indexes = ((("day", "who", "kind"), True),)


def up(migrator: Any, db: Any) -> None:
    create_tables(db, [Proposal, StaffDay])
