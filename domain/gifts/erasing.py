"""What becomes of a deleted member's gifts: that there was one stays, words go."""

from __future__ import annotations

from typing import Any

from kernel.erasure import Blank, Drop, Kept, Person, Personal
from models import Gift, GiftAnswer, Order


def _sent(who: Person) -> Any:
    return Gift.order.in_(Order.select(Order.id).where(Order.member == who.member_id))


PERSONAL = Personal(
    "gifts",
    rows=(
        Drop(GiftAnswer, lambda who: GiftAnswer.member == who.member_id),
        Blank(Gift, _sent, {"signature": ""}),
    ),
    kept=(Kept(Gift, ("code", "state", "arrive_by"), "transactions"),),
)
