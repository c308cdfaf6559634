"""Sheets that somebody uploads, and their rows."""

from __future__ import annotations

from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables


class SheetImport(Model):
    id = BigAutoField()
    page = CharField(max_length=40)
    name = CharField(max_length=120)
    made_by = CharField(max_length=64)
    made_at = BigIntegerField()
    state = CharField(max_length=12)
    why = CharField(max_length=64, null=True)
    rows_total = IntegerField()
    begun_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)
    expires_at = BigIntegerField(index=True)

    class Meta:
        table_name = "sheet_import"
        indexes = ((("made_by", "page", "id"), False),)


class SheetImportRow(Model):
    id = BigAutoField()
    sheet = ForeignKeyField(SheetImport, index=False, backref="+", on_delete="RESTRICT")
    number = IntegerField()
    cells = TextField()
    shown = TextField()
    state = CharField(max_length=12)
    why = CharField(max_length=64)
    cell = CharField(max_length=24)
    facts = TextField()

    class Meta:
        table_name = "sheet_import_row"
        indexes = ((("sheet", "number"), True), (("sheet", "state", "number"), False))


def up(_: Any, db: Any) -> None:
    create_tables(db, [SheetImport, SheetImportRow])
