"""Arrivals by lot, and which low stock the merchant was told of."""

from __future__ import annotations

from peewee import BooleanField, Check, IntegerField

from schema.catalog import Sku
from schema.columns import Table, UtcField, ref, word


class StockLot(Table):
    """Goods that arrived together (批次): lot number, day of production, pieces."""

    sku = ref(Sku, index=False)
    lot_no = word(40)
    made_on = word(10, null=True)  # a day as YYYY-MM-DD
    quantity = IntegerField(constraints=[Check("quantity > 0")])
    note = word(80, default="")
    actor = word(64)
    at = UtcField()

    class Meta:
        indexes = ((("sku", "id"), False),)


class StockAlert(Table):
    """A SKU of whose low stock the merchant was told (库存预警); it ends with the next arrival."""

    sku = ref(Sku, unique=True)
    is_out = BooleanField()  # told that it is sold out
    at = UtcField()
