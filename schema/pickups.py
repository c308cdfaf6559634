"""Orders that are collected at a place, and refusals to hand them over."""

from __future__ import annotations

from peewee import TextField

from schema.columns import Table, UtcField, ref, word
from schema.logistics import PickupPlace
from schema.orders import Order


class Pickup(Table):
    """How an order is collected (到店自提); ``domain.pickups.rules`` has its states."""

    order = ref(Order, unique=True)
    place = ref(PickupPlace, index=False)
    state = word(12, default="waiting")
    code_hash = word(64, null=True, unique=True)  # keyed; the code itself is the buyer's alone
    sealed_code = TextField(null=True)  # under the buyer's key
    ready_at = UtcField(null=True)
    remind_at = UtcField(null=True)
    collect_by_at = UtcField(null=True)
    age_check = word(8, default="")  # adult, id_seen; "" without liquor
    collected_at = UtcField(null=True)
    collected_by = word(64, null=True)

    class Meta:
        indexes = (
            (("place", "state", "id"), False),
            (("state", "remind_at"), False),
            (("state", "collect_by_at"), False),
        )


class PickupRefusal(Table):
    """The goods were not handed over (拒绝交付), and why."""

    pickup = ref(Pickup)
    reason = word(8)  # domain.pickups.rules
    by = word(64)
    at = UtcField()
