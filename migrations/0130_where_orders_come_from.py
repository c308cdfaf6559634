"""Orders keep by what the buyer came in; by which way of the account a member came in last."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, ForeignKeyField, Model

from kernel.fields import UtcField
from kernel.migrate import add_columns, create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class Order(Model):
    id = BigAutoField()
    medium = CharField(max_length=16, default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "mall_order"


class Arrival(Model):
    id = BigAutoField()
    member = ForeignKeyField(Member, unique=True, on_delete="RESTRICT")
    medium = CharField(max_length=16)
    at = UtcField()

    class Meta:
        legacy_table_names = False


def up(_: Any, db: Any) -> None:
    """``mall`` stood for every way so far: nothing is known of those orders."""
    add_columns(db, Order, "medium")
    create_tables(db, [Arrival])
    db.execute_sql("UPDATE mall_order SET source = '' WHERE source = 'mall'")
