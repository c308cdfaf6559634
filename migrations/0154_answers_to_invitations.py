"""An invitation knows the receipt that led to it, and what came of it."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, ForeignKeyField, Model

from kernel.fields import UtcField
from kernel.migrate import add_columns, add_indexes


class Order(Model):
    id = BigAutoField()

    class Meta:
        table_name = "mall_order"


class Invitation(Model):
    id = BigAutoField()
    order = ForeignKeyField(Order, null=True, index=False, on_delete="RESTRICT")
    received_at = UtcField(null=True)
    sent_at = UtcField(null=True)
    joined_at = UtcField(null=True)
    passed_on_at = UtcField(null=True)
    stopped_at = UtcField(null=True)

    class Meta:
        table_name = "invitation"
        indexes = (
            (("sent_at", "received_at"), False),
            (("sent_at", "joined_at", "passed_on_at", "stopped_at"), False),
        )


def up(_: Any, db: Any) -> None:
    """Nothing was invited before: the table of 0132 has no rows."""
    add_columns(db, Invitation, "order", "received_at", "joined_at", "passed_on_at")
    add_indexes(db, Invitation)
