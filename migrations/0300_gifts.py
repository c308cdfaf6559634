"""Gifts: who receives an order, and the gift beside it."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, ForeignKeyField, IntegerField, Model

from kernel.fields import UtcField
from kernel.migrate import add_columns, create_tables


class Member(Model):
    id = BigAutoField()

    class Meta:
        table_name = "member"


class Order(Model):
    id = BigAutoField()
    recipient = ForeignKeyField(Member, null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "mall_order"


class Gift(Model):
    id = BigAutoField()
    order = ForeignKeyField(Order, unique=True, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=32, unique=True)
    state = CharField(max_length=20, index=True, constraints=[SQL("DEFAULT 'unpaid'")])
    signature = CharField(max_length=20, constraints=[SQL("DEFAULT ''")])
    arrive_by = CharField(max_length=10, constraints=[SQL("DEFAULT ''")])
    friend = ForeignKeyField(Member, null=True, backref="+", on_delete="RESTRICT")
    opened = IntegerField(constraints=[SQL("DEFAULT 0")])
    remind_at = UtcField(null=True, index=True)
    expires_at = UtcField(null=True, index=True)
    accepted_at = UtcField(null=True)
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "gift"


class GiftAnswer(Model):
    id = BigAutoField()
    gift = ForeignKeyField(Gift, index=False, backref="+", on_delete="RESTRICT")
    member = ForeignKeyField(Member, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=8)
    said = CharField(max_length=200, constraints=[SQL("DEFAULT ''")])
    at = UtcField()

    class Meta:
        table_name = "gift_answer"
        indexes = ((("gift", "member"), True),)


def up(_: Any, db: Any) -> None:
    """No order was a gift before."""
    add_columns(db, Order, "recipient")
    create_tables(db, [Gift, GiftAnswer])
