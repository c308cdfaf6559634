"""The cart (购物车). Its owner is ``member_owner(id)`` or ``session_owner(id)``."""

from domain.cart.erasing import PERSONAL
from domain.cart.rules import member_owner, session_owner
from domain.cart.service import (
    CartLineView,
    CartView,
    add,
    check_buyable,
    count,
    delete_abandoned_lines,
    members_with_in_cart,
    merge,
    remove,
    select,
    set_quantity,
    view,
)

__all__ = [
    "PERSONAL", "CartLineView", "CartView", "add", "check_buyable", "count",
    "delete_abandoned_lines", "member_owner", "members_with_in_cart", "merge", "remove", "select",
    "session_owner", "set_quantity", "view",
]  # fmt: skip
