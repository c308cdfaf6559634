"""A payment names what it pays by kind, id and number (应付项); so far it was an order."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CharField, Model

from kernel.migrate import add_columns


class Payment(Model):
    """The new columns, with defaults until 0045; ``paid_at`` gets an index."""

    id = BigAutoField()
    payable_kind = CharField(max_length=16, constraints=[SQL("DEFAULT ''")])
    payable_id = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    payable_no = CharField(max_length=40, constraints=[SQL("DEFAULT ''")])
    paid_at = BigIntegerField(null=True, index=True)

    class Meta:
        table_name = "payment"
        indexes = ((("payable_kind", "payable_id"), False),)


ORDERS = """
UPDATE payment SET payable_kind = 'order', payable_id = order_id, payable_no = (
    SELECT o.order_no FROM mall_order o WHERE o.id = payment.order_id)
WHERE payable_kind = ''
"""


def up(_: Any, db: Any) -> None:
    """Three columns, two indexes, filled from the orders."""
    add_columns(db, Payment, "payable_kind", "payable_id", "payable_no")
    db.execute_sql(ORDERS)
