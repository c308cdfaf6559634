"""Indexes for years of trade: what waits, what was sold, whose parcel, which campaign, which log.

An order's masked name and the end of its phone get columns of their own, since no index of all
three engines finds words in the middle of a text. Indexes that begin another one go.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    IntegerField,
    Model,
    PostgresqlDatabase,
)

from kernel.migrate import add_columns, add_indexes, drop_indexes


class Order(Model):
    id = BigAutoField()
    state = CharField(max_length=20)
    paid_at = BigIntegerField(null=True)
    receiver = CharField(max_length=20, null=True)
    phone_end = CharField(max_length=4, null=True)

    class Meta:
        table_name = "mall_order"
        indexes = (
            (("state", "paid_at"), False),
            (("receiver", "id"), False),
            (("phone_end", "id"), False),
        )


class OrderLine(Model):
    id = BigAutoField()
    order_id = BigIntegerField()
    product_id = BigIntegerField()
    quantity = IntegerField()
    paid_fen = BigIntegerField()

    class Meta:
        table_name = "order_line"
        indexes = ((("order_id", "product_id", "quantity", "paid_fen"), False),)


class Delivery(Model):
    id = BigAutoField()
    campaign_id = BigIntegerField()

    class Meta:
        table_name = "delivery"
        indexes = ((("campaign_id", "id"), False),)


class AuditEntry(Model):
    id = BigAutoField()
    target_type = CharField(max_length=32)

    class Meta:
        table_name = "audit_entry"
        indexes = ((("target_type", "id"), False),)


def up(migrator: Any, db: Any) -> None:
    """The release before goes on: it leaves the new columns empty, which the search knows."""
    add_columns(db, Order, "receiver", "phone_end")
    for table in (OrderLine, Delivery, AuditEntry):
        add_indexes(db, table)
    drop_indexes(db, "mall_order", ("state",))
    drop_indexes(db, "order_line", ("order_id",))
    _fill(db)


def _fill(db: Any) -> None:
    """'林** 138****8000 四川省…' is a name, a space, and a phone of eleven characters."""
    place = "strpos" if isinstance(db, PostgresqlDatabase) else "instr"
    gap = f"{place}(masked_address, ' ')"
    sql = (
        f"UPDATE mall_order SET receiver = substr(masked_address, 1, {gap} - 1), "  # noqa: S608
        f"phone_end = substr(masked_address, {gap} + 8, 4) "
        f"WHERE receiver IS NULL AND {gap} BETWEEN 2 AND 20"
    )
    db.execute_sql(sql)
