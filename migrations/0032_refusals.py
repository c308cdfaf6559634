"""What WeChat refuses is kept, not only logged (微信拒绝)."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, IntegerField, Model

from kernel.fields import UtcField
from kernel.migrate import create_tables


class Refusal(Model):
    id = BigAutoField()
    side = CharField(max_length=8)
    call = CharField(max_length=80)
    code = CharField(max_length=40)
    subject = CharField(max_length=64, default="", constraints=[SQL("DEFAULT ''")])
    detail = CharField(max_length=200, default="", constraints=[SQL("DEFAULT ''")])
    count = IntegerField(default=1, constraints=[SQL("DEFAULT 1")])
    first_at = UtcField()
    last_at = UtcField()
    told_at = UtcField(null=True)
    resolved_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = (
            (("side", "call", "code", "subject"), True),
            (("resolved_at", "last_at"), False),
        )


def up(migrator: Any, db: Any) -> None:
    """A new table only: the release before does not see it."""
    create_tables(db, [Refusal])
