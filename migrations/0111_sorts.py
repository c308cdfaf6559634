"""Indexes of sorted lists: orders and withdrawals by their sum, products by price."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model

from kernel.migrate import add_indexes


class Order(Model):
    id = BigAutoField()
    payable_fen = BigIntegerField()

    class Meta:
        table_name = "mall_order"
        indexes = ((("payable_fen", "id"), False),)


class Product(Model):
    id = BigAutoField()
    from_price_fen = BigIntegerField()

    class Meta:
        table_name = "product"
        indexes = ((("from_price_fen", "id"), False),)


class Withdrawal(Model):
    id = BigAutoField()
    gross_fen = BigIntegerField()

    class Meta:
        table_name = "withdrawal"
        indexes = ((("gross_fen", "id"), False),)


def up(_: Any, db: Any) -> None:
    for table in (Order, Product, Withdrawal):
        add_indexes(db, table)
