"""Records of bills that could not be read (未能读入的账单行); fees of refunds under way."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, Model, TextField

from kernel.migrate import add_columns, create_tables


class BillAside(Model):
    """New."""

    id = BigAutoField()
    bill_day = CharField(max_length=10)
    mchid = CharField(max_length=16)
    bill = CharField(max_length=8)
    line = IntegerField()
    digest = CharField(max_length=64)
    content = TextField()
    reason = CharField(max_length=100)
    seen_by = CharField(max_length=64, null=True)
    seen_at = BigIntegerField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "bill_aside"
        indexes = ((("mchid", "bill_day", "bill", "digest"), True), (("seen_at", "id"), False))


class BillLine(Model):
    """The new column only."""

    fee_fen = BigIntegerField(null=True)

    class Meta:
        table_name = "bill_line"


def up(_: Any, db: Any) -> None:
    """One table, one column."""
    create_tables(db, [BillAside])
    add_columns(db, BillLine, "fee_fen")
