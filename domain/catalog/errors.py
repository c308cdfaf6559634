"""What the catalogue refuses."""

from __future__ import annotations

from kernel.errors import Conflict


class StockShort(Conflict):
    """Fewer are left than were asked for (库存不足); ``left`` and ``sku_id`` say which."""
