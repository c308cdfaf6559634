"""The notice of low stock to the owner (库存预警)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import OwnerNotice, Title


@dataclass(frozen=True, kw_only=True)
class StockLow(OwnerNotice):
    """Specifications fell to their mark, or are sold out; the first one is named."""

    KEY: ClassVar[str] = "stock_low"
    PAGE: ClassVar[str] = "/admin/stock?view=low"
    title: Title
    left: int
    others: int = 0
    out: int = 0
