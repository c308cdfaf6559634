"""How many pieces may be bought at once, and the names of carts' owners. Pure."""

from __future__ import annotations

from kernel.errors import Invalid


def checked_quantity(quantity: int, limit: int, sku_id: int | None = None) -> int:
    """A line's quantity, 1 to ``limit`` (购买数量). Raises Invalid('quantity_bad', limit=…)."""
    if not 1 <= quantity <= limit:
        raise Invalid("quantity_bad", "quantity", limit=limit, sku_id=sku_id)
    return quantity


def member_owner(member_id: int) -> str:
    """The owner's name of a member's cart."""
    return f"m:{member_id}"


def session_owner(session_id: int) -> str:
    """The owner's name of the cart of a browser without a signed-in member."""
    return f"s:{session_id}"


def member_of(owner: str) -> int | None:
    """The member who owns a cart; None for a browser's cart."""
    kind, _, number = owner.partition(":")
    return int(number) if kind == "m" else None
