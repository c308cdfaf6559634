"""Alerts of low stock (库存预警): each fall below the mark is told once.

A SKU is told of again when it is sold out, and anew after its stock was above the mark.
"""

from __future__ import annotations

from typing import Any

from domain.notices import notify_owner
from domain.warehouse.notices import StockLow
from kernel import clock
from models import Product, Sku, StockAlert

AT_ONCE = 500
TITLE_MOST = 60


def tell_of_low_stock() -> int:
    """Tell the owner of SKUs on the shelf that fell to their mark; returns how many are new."""
    _end_alerts()
    fresh = _newly_low()
    if not fresh:
        return 0
    now = clock.now()
    for row in fresh:
        values = {"is_out": row.stock == 0, "at": now}
        if StockAlert.update(**values).where(StockAlert.sku == row.id).execute() == 0:
            StockAlert.insert(sku=row.id, **values).execute()
    first = fresh[0]
    notify_owner(
        StockLow(
            title=f"{first.title} {first.spec_text}".strip()[:TITLE_MOST],
            left=first.stock,
            others=len(fresh) - 1,
            out=sum(row.stock == 0 for row in fresh),
        )
    )
    return len(fresh)


def _low() -> Any:
    """Condition on a SKU that is sold and at or below its mark."""
    return ~Sku.is_removed & (Product.state == "on_shelf") & (Sku.stock <= Sku.low_stock)


def _newly_low() -> list[Any]:
    """Low SKUs that were not told of as such, the emptiest first."""
    told = StockAlert.select(StockAlert.sku)
    told_as_out = told.where(StockAlert.is_out)
    is_new = Sku.id.not_in(told) | ((Sku.stock == 0) & Sku.id.not_in(told_as_out))
    query = Sku.select(Sku.id, Sku.spec_text, Sku.stock, Product.title).join(Product)
    rows = query.where(_low() & is_new).order_by(Sku.stock, Sku.id).limit(AT_ONCE)
    return list(rows.objects())


def _end_alerts() -> None:
    """Forget the alerts of SKUs that are above their mark again, or not sold any more."""
    low = Sku.select(Sku.id).join(Product).where(_low())
    rows = StockAlert.select(StockAlert.id).where(StockAlert.sku.not_in(low)).limit(AT_ONCE)
    ids = [row.id for row in rows]
    if ids:
        StockAlert.delete().where(StockAlert.id.in_(ids)).execute()
