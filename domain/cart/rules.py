"""How much of something may be bought at once. Pure."""

from __future__ import annotations

from kernel.errors import Invalid


def checked_quantity(quantity: int, limit: int, sku_id: int | None = None) -> int:
    """A line is 1 to the merchant's limit (购买数量). Raises Invalid('quantity_bad', limit=…)."""
    if not 1 <= quantity <= limit:
        raise Invalid("quantity_bad", "quantity", limit=limit, sku_id=sku_id)
    return quantity


def member_owner(member_id: int) -> str:
    """The cart of a member."""
    return f"m:{member_id}"


def session_owner(session_id: int) -> str:
    """The cart of a browser that nobody signed in to."""
    return f"s:{session_id}"


def member_of(owner: str) -> int | None:
    """The member whose cart it is; None for a browser's."""
    kind, _, number = owner.partition(":")
    return int(number) if kind == "m" else None
