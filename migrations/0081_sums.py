"""Best sellers are summed in an index alone, which knows what was given away."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, Model

from kernel.migrate import add_indexes, drop_indexes


class OrderLine(Model):
    id = BigAutoField()
    order_id = BigIntegerField()
    kind = CharField(max_length=8)
    product_id = BigIntegerField()
    quantity = IntegerField()
    paid_fen = BigIntegerField()

    class Meta:
        table_name = "order_line"
        indexes = ((("order_id", "kind", "product_id", "quantity", "paid_fen"), False),)


def up(migrator: Any, db: Any) -> None:
    add_indexes(db, OrderLine)
    drop_indexes(db, "order_line", ("order_id", "product_id", "quantity", "paid_fen"))
