"""Errors of the catalogue."""

from __future__ import annotations

from kernel.errors import Conflict


class StockShort(Conflict):
    """Less stock than was asked for (库存不足); the fields ``left`` and ``sku_id`` are set."""
