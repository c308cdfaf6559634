"""Lists that somebody asked for as a file."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CharField, IntegerField, Model, TextField

from kernel.migrate import create_tables


class ExportFile(Model):
    id = BigAutoField()
    page = CharField(max_length=40)
    title = CharField(max_length=40)
    kind = CharField(max_length=8)
    query = TextField()
    asked_by = CharField(max_length=64)
    asked_at = BigIntegerField()
    state = CharField(max_length=16)
    rows_done = IntegerField(constraints=[SQL("DEFAULT 0")])
    bytes = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    file = CharField(max_length=32, null=True)
    why = CharField(max_length=64, null=True)
    made_at = BigIntegerField(null=True)
    expires_at = BigIntegerField(index=True)

    class Meta:
        table_name = "export_file"
        indexes = ((("asked_by", "id"), False),)


def up(_: Any, db: Any) -> None:
    create_tables(db, [ExportFile])
