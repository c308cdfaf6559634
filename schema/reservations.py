"""Orders' reservations of counted things (docs/algorithms/reservations.md)."""

from __future__ import annotations

from peewee import BigIntegerField, Check

from schema.columns import Table, ref, word
from schema.orders import Order


class OrderTake(Table):
    """How much an order took of one thing, and how much was given back (订单占用).

    ``line`` is 0 for the whole order. Stock gets a row when a first piece is given back; until
    then ``stock_move`` has the record.
    """

    order = ref(Order, index=False)
    line = BigIntegerField(default=0)
    kind = word(12)  # stock; coupon, points, quota, place
    ref = BigIntegerField()
    amount = BigIntegerField(constraints=[Check("amount >= 0")])
    given_back = BigIntegerField(default=0, constraints=[Check("given_back >= 0")])

    class Meta:
        constraints = (Check("given_back <= amount"),)
        indexes = ((("order", "line", "kind", "ref"), True),)
