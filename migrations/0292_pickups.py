"""Orders that are collected at a place, and refusals to hand them over."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, ForeignKeyField, Model, TextField

from kernel.fields import UtcField
from kernel.migrate import create_tables


class Order(Model):
    id = BigAutoField()

    class Meta:
        table_name = "mall_order"


class PickupPlace(Model):
    id = BigAutoField()

    class Meta:
        table_name = "pickup_place"


class Pickup(Model):
    id = BigAutoField()
    order = ForeignKeyField(Order, unique=True, on_delete="RESTRICT")
    place = ForeignKeyField(PickupPlace, index=False, on_delete="RESTRICT")
    state = CharField(max_length=12, default="waiting", constraints=[SQL("DEFAULT 'waiting'")])
    code_hash = CharField(max_length=64, null=True, unique=True)
    sealed_code = TextField(null=True)
    ready_at = UtcField(null=True)
    remind_at = UtcField(null=True)
    collect_by_at = UtcField(null=True)
    age_check = CharField(max_length=8, constraints=[SQL("DEFAULT ''")])
    collected_at = UtcField(null=True)
    collected_by = CharField(max_length=64, null=True)

    class Meta:
        table_name = "pickup"
        indexes = (
            (("place", "state", "id"), False),
            (("state", "remind_at"), False),
            (("state", "collect_by_at"), False),
        )


class PickupRefusal(Model):
    id = BigAutoField()
    pickup = ForeignKeyField(Pickup, on_delete="RESTRICT")
    reason = CharField(max_length=8)
    by = CharField(max_length=64)
    at = UtcField()

    class Meta:
        table_name = "pickup_refusal"


def up(_: Any, db: Any) -> None:
    """New tables only: every order so far went by parcel."""
    create_tables(db, [Pickup, PickupRefusal])
