"""Stock: the cause of an adjustment, arrivals by lot, alerts of low stock."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
)

from kernel.fields import UtcField
from kernel.migrate import add_columns, create_tables


class Sku(Model):
    id = BigAutoField()

    class Meta:
        table_name = "sku"


class StockMove(Model):
    cause = CharField(max_length=16, null=True)

    class Meta:
        table_name = "stock_move"


class StockLot(Model):
    id = BigAutoField()
    sku = ForeignKeyField(Sku, index=False, backref="+", on_delete="RESTRICT")
    lot_no = CharField(max_length=40)
    made_on = CharField(max_length=10, null=True)
    quantity = IntegerField(constraints=[Check("quantity > 0")])
    note = CharField(max_length=80, constraints=[SQL("DEFAULT ''")])
    actor = CharField(max_length=64)
    at = UtcField()

    class Meta:
        table_name = "stock_lot"
        indexes = ((("sku", "id"), False),)


class StockAlert(Model):
    id = BigAutoField()
    sku = ForeignKeyField(Sku, unique=True, backref="+", on_delete="RESTRICT")
    is_out = BooleanField()
    at = UtcField()

    class Meta:
        table_name = "stock_alert"


def up(_: Any, db: Any) -> None:
    """Add the column and the tables."""
    add_columns(db, StockMove, "cause")
    create_tables(db, [StockLot, StockAlert])
