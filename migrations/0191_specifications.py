"""Up to three specifications of a product; what a SKU chooses of each, and its cost."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model, TextField

from kernel.migrate import add_columns


class Product(Model):
    id = BigAutoField()
    specs = TextField(null=True)

    class Meta:
        table_name = "product"


class Sku(Model):
    id = BigAutoField()
    choices = TextField(null=True)
    cost_fen = BigIntegerField(null=True)

    class Meta:
        table_name = "sku"


def up(_: Any, db: Any) -> None:
    """SKUs so far are named by one text; nobody entered a cost."""
    add_columns(db, Product, "specs")
    add_columns(db, Sku, "choices", "cost_fen")
