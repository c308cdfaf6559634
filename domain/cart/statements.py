"""What a cart asks the database: statements whose SQL is made once."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import CartLine


@prepared
def remove_lines(owner: Any, sku_ids: Any) -> Any:
    """Take some lines out of a cart."""
    return CartLine.delete().where((CartLine.owner == owner) & CartLine.sku.in_(sku_ids))
