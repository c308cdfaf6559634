"""What the merchant's first page keeps of days that are over."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField

from schema.columns import FenField, Table, word


class SalesDay(Table):
    """A closed business day: what was paid, in how many orders, how many came by links (日结).

    That a day has its row says that its products have theirs.
    """

    day = word(10, unique=True)
    orders = IntegerField()
    sales_fen = FenField()
    visits = IntegerField()


class ProductDay(Table):
    """What a product sold on a closed business day (商品日结)."""

    day = word(10)
    product_id = BigIntegerField()
    quantity = IntegerField()
    paid_fen = FenField()

    class Meta:
        indexes = ((("day", "product_id", "quantity", "paid_fen"), False),)
