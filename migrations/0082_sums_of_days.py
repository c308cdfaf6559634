"""The first page's days, sales and visits, are summed in indexes alone."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, Model

from kernel.migrate import add_indexes, drop_indexes


class Order(Model):
    id = BigAutoField()
    paid_at = BigIntegerField(null=True)
    paid_fen = BigIntegerField()
    seller_id = BigIntegerField(null=True)
    payable_fen = BigIntegerField()
    freight_fen = BigIntegerField()

    class Meta:
        table_name = "mall_order"
        indexes = ((("paid_at", "paid_fen", "seller_id", "payable_fen", "freight_fen"), False),)


class VisitDay(Model):
    id = BigAutoField()
    day = CharField(max_length=10)
    visits = IntegerField()
    visitors = IntegerField()

    class Meta:
        table_name = "visit_day"
        indexes = ((("day", "visits", "visitors"), False),)


def up(migrator: Any, db: Any) -> None:
    for table in (Order, VisitDay):
        add_indexes(db, table)
    drop_indexes(db, "mall_order", ("paid_at",))
    drop_indexes(db, "visit_day", ("day",))
