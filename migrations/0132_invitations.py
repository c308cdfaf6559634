"""Happy buyers are invited once to share and earn, and may stop it."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, ForeignKeyField, Model

from kernel.fields import UtcField
from kernel.migrate import create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class Invitation(Model):
    id = BigAutoField()
    member = ForeignKeyField(Member, unique=True, on_delete="RESTRICT")
    sent_at = UtcField(null=True)
    stopped_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False


def up(_: Any, db: Any) -> None:
    """A new table only."""
    create_tables(db, [Invitation])
