"""Instants at which a product goes on and off the shelf by itself."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model

from kernel.migrate import add_columns


class Product(Model):
    id = BigAutoField()
    on_shelf_at = BigIntegerField(null=True, index=True)
    off_shelf_at = BigIntegerField(null=True, index=True)

    class Meta:
        table_name = "product"


def up(_: Any, db: Any) -> None:
    """Nothing is planned so far."""
    add_columns(db, Product, "on_shelf_at", "off_shelf_at")
