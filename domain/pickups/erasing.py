"""What becomes of a deleted member's pickups: the outcome stays, the code goes."""

from __future__ import annotations

from typing import Any

from kernel.erasure import Blank, Kept, Person, Personal
from models import Order, Pickup, PickupRefusal


def _mine(who: Person) -> Any:
    return Pickup.order.in_(Order.select(Order.id).where(Order.member == who.member_id))


PERSONAL = Personal(
    "pickups",
    rows=(Blank(Pickup, _mine, {"sealed_code": None, "code_hash": None}),),
    kept=(
        Kept(Pickup, ("state", "age_check", "collected_by"), "proof"),
        Kept(PickupRefusal, ("reason", "by"), "proof"),
    ),
)  # fmt: skip
