"""What becomes of a deleted member's cart."""

from __future__ import annotations

from domain.cart.rules import member_owner
from kernel.erasure import Drop, Personal
from models import CartLine

PERSONAL = Personal(
    "cart", rows=(Drop(CartLine, lambda who: CartLine.owner == member_owner(who.member_id)),)
)
