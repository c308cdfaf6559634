"""Freight templates, their rows, and the products that have them."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
)

from kernel.fields import JsonField, UtcField
from kernel.migrate import create_tables

NONE = [SQL("DEFAULT 0")]


class Product(Model):
    id = BigAutoField()

    class Meta:
        table_name = "product"


class FreightTemplate(Model):
    id = BigAutoField()
    name = CharField(max_length=30, unique=True)
    basis = CharField(max_length=8)
    is_default = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    created_at = UtcField()

    class Meta:
        table_name = "freight_template"


class FreightRow(Model):
    id = BigAutoField()
    template = ForeignKeyField(FreightTemplate, on_delete="RESTRICT")
    kind = CharField(max_length=8)
    regions = JsonField()
    first_units = IntegerField(constraints=[SQL("DEFAULT 1")])
    first_fen = BigIntegerField(constraints=NONE)
    next_units = IntegerField(constraints=NONE)
    next_fen = BigIntegerField(constraints=NONE)
    free_from_fen = BigIntegerField(null=True)
    days_from = IntegerField(constraints=NONE)
    days_to = IntegerField(constraints=NONE)

    class Meta:
        table_name = "freight_row"


class FreightGoods(Model):
    id = BigAutoField()
    product = ForeignKeyField(Product, unique=True, on_delete="RESTRICT")
    template = ForeignKeyField(FreightTemplate, on_delete="RESTRICT")

    class Meta:
        table_name = "freight_goods"


def up(_: Any, db: Any) -> None:
    """New tables only: without a default template the settings count as before."""
    create_tables(db, [FreightTemplate, FreightRow, FreightGoods])
