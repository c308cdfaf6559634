"""Prepared SQL of the cart."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import CartLine


@prepared
def remove_lines(owner: Any, sku_ids: Any) -> Any:
    """Delete some lines of a cart."""
    return CartLine.delete().where((CartLine.owner == owner) & CartLine.sku.in_(sku_ids))
