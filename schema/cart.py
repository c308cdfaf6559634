"""Carts."""

from __future__ import annotations

from peewee import BooleanField, IntegerField

from schema.catalog import Sku
from schema.columns import FenField, Table, UtcField, ref, word


class CartLine(Table):
    """A SKU in a cart (购物车). ``owner`` is ``m:{member}`` or ``s:{session}``."""

    owner = word(32)
    sku = ref(Sku, index=False)
    quantity = IntegerField()
    seen_price_fen = FenField()  # the unit price when it was added
    is_selected = BooleanField(default=True)
    added_at = UtcField()

    class Meta:
        indexes = ((("owner", "sku"), True),)
