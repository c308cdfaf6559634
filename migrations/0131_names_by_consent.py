"""Members answer what their upline may see of them; distributors note a name of their own."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, ForeignKeyField, Model, TextField

from kernel.fields import UtcField
from kernel.migrate import add_columns, create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class Binding(Model):
    id = BigAutoField()
    asked_at = BigIntegerField(null=True)

    class Meta:
        table_name = "binding"


class CustomerNote(Model):
    id = BigAutoField()
    distributor = ForeignKeyField(Member, index=False, on_delete="RESTRICT")
    customer = ForeignKeyField(Member, on_delete="RESTRICT")
    sealed = TextField()
    at = UtcField()

    class Meta:
        legacy_table_names = False
        indexes = ((("distributor", "customer"), True),)


def up(_: Any, db: Any) -> None:
    """Nobody has been asked so far: without a consent only counts are shown."""
    add_columns(db, Binding, "asked_at")
    create_tables(db, [CustomerNote])
