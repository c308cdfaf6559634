"""Places where buyers collect their orders, and who works there."""

from __future__ import annotations

from peewee import IntegerField

from schema.columns import JsonField, Table, UtcField, ref, state, word
from schema.staff import Staff


class PickupPlace(Table):
    """A store where orders are collected (门店自提点)."""

    name = word(30, unique=True)
    state = state("open")  # open, closed: takes orders, or no new ones
    region = word(6)  # code of its district
    address = word(100)  # the street
    phone = word(20)
    latitude_e6 = IntegerField(null=True)  # millionths of a degree
    longitude_e6 = IntegerField(null=True)
    map_url = word(300, default="")
    hours = JsonField()  # seven texts, Monday first: 09:00-21:00, "" for closed
    ready_minutes = IntegerField(default=120)  # how long goods take to be prepared
    serves = JsonField()  # codes of regions whose buyers it is suggested to first
    version = IntegerField(default=1)
    created_at = UtcField()


class PlaceStaff(Table):
    """Who works at a place (门店员工): they see its orders only."""

    place = ref(PickupPlace, index=False)
    staff = ref(Staff)

    class Meta:
        indexes = ((("place", "staff"), True),)
