"""Costs and margins of the SKUs on the shelf (成本与毛利), at list prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from models import Product, Sku

CostView = Literal["all", "missing", "loss"]
WHOLE_BP = 10_000


@dataclass(frozen=True)
class CostRow:
    """A SKU's list price and cost in fen; the cost is None if nobody entered it."""

    sku_id: int
    product_id: int
    title: str
    spec_text: str
    price_fen: int
    cost_fen: int | None

    @property
    def margin_fen(self) -> int | None:
        """What the price leaves after the cost."""
        return None if self.cost_fen is None else self.price_fen - self.cost_fen

    @property
    def margin_bp(self) -> int | None:
        """The margin as a share of the price; None without a price or cost."""
        margin = self.margin_fen
        if margin is None or not self.price_fen:
            return None
        return margin * WHOLE_BP // self.price_fen


def list_costs(view: CostView = "all", *, after_id: int = 0, limit: int = 50) -> list[CostRow]:
    """SKUs on the shelf by id: all, those without a cost, those sold at or below their cost."""
    query: Any = (
        Sku.select(Sku, Product.title)
        .join(Product)
        .where((Sku.id > after_id) & ~Sku.is_removed & (Product.state == "on_shelf"))
    )
    if view == "missing":
        query = query.where(Sku.cost_fen.is_null())
    if view == "loss":
        query = query.where(Sku.price_fen <= Sku.cost_fen)
    return [
        CostRow(row.id, row.product_id, row.title, row.spec_text, row.price_fen, row.cost_fen)
        for row in query.order_by(Sku.id).limit(limit).objects()
    ]
