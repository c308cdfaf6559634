"""Orders keep how they reach their receiver: by a parcel, or in another way."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model

from kernel.migrate import add_columns


class Order(Model):
    id = BigAutoField()
    delivery = CharField(max_length=8, default="express", constraints=[SQL("DEFAULT 'express'")])

    class Meta:
        table_name = "mall_order"


def up(_: Any, db: Any) -> None:
    """Every order so far went by parcel."""
    add_columns(db, Order, "delivery")
