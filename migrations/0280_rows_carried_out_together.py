"""Rows of an uploaded sheet that are carried out together, or not at all."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, IntegerField, Model

from kernel.migrate import add_columns


class SheetImportRow(Model):
    id = BigAutoField()
    leader = IntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "sheet_import_row"


def up(_: Any, db: Any) -> None:
    """Rows so far stand on their own."""
    add_columns(db, SheetImportRow, "leader")
