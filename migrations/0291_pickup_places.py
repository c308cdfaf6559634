"""Places where buyers collect their orders, and who works there."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, ForeignKeyField, IntegerField, Model

from kernel.fields import JsonField, UtcField
from kernel.migrate import create_tables

EMPTY = [SQL("DEFAULT ''")]


class Staff(Model):
    id = BigAutoField()

    class Meta:
        table_name = "staff"


class PickupPlace(Model):
    id = BigAutoField()
    name = CharField(max_length=30, unique=True)
    state = CharField(max_length=20, index=True, default="open",
                      constraints=[SQL("DEFAULT 'open'")])  # fmt: skip
    region = CharField(max_length=6)
    address = CharField(max_length=100)
    phone = CharField(max_length=20)
    latitude_e6 = IntegerField(null=True)
    longitude_e6 = IntegerField(null=True)
    map_url = CharField(max_length=300, constraints=EMPTY)
    hours = JsonField()
    ready_minutes = IntegerField(constraints=[SQL("DEFAULT 120")])
    serves = JsonField()
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    created_at = UtcField()

    class Meta:
        table_name = "pickup_place"


class PlaceStaff(Model):
    id = BigAutoField()
    place = ForeignKeyField(PickupPlace, index=False, on_delete="RESTRICT")
    staff = ForeignKeyField(Staff, on_delete="RESTRICT")

    class Meta:
        table_name = "place_staff"
        indexes = ((("place", "staff"), True),)


def up(_: Any, db: Any) -> None:
    """New tables only: without a place nothing is collected."""
    create_tables(db, [PickupPlace, PlaceStaff])
