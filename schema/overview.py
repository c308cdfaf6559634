"""Totals of closed days for the merchant's first page."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField

from schema.columns import FenField, Table, word


class SalesDay(Table):
    """A closed business day: paid orders, sales in fen, visits by links (日结).

    It is written together with the day's ``ProductDay`` rows.
    """

    day = word(10, unique=True)
    orders = IntegerField()
    sales_fen = FenField()
    visits = IntegerField()


class ProductDay(Table):
    """A product's sales on a closed business day (商品日结)."""

    day = word(10)
    product_id = BigIntegerField()
    quantity = IntegerField()
    paid_fen = FenField()

    class Meta:
        indexes = ((("day", "product_id", "quantity", "paid_fen"), False),)
