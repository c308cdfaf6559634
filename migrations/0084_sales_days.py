"""The first page keeps the sums of days that are over; its job fills the two new tables."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, Model

from kernel.migrate import create_tables


class SalesDay(Model):
    id = BigAutoField()
    day = CharField(max_length=10, unique=True)
    orders = IntegerField()
    sales_fen = BigIntegerField()
    visits = IntegerField()

    class Meta:
        table_name = "sales_day"


class ProductDay(Model):
    id = BigAutoField()
    day = CharField(max_length=10)
    product_id = BigIntegerField()
    quantity = IntegerField()
    paid_fen = BigIntegerField()

    class Meta:
        table_name = "product_day"
        indexes = ((("day", "product_id", "quantity", "paid_fen"), False),)


def up(_: Any, db: Any) -> None:
    """Two empty tables."""
    create_tables(db, [SalesDay, ProductDay])
