"""Terms by which products are found; a job writes them for the products that are there."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, ForeignKeyField, IntegerField, Model

from kernel.migrate import create_tables


class Product(Model):
    id = BigAutoField()

    class Meta:
        table_name = "product"


class ProductTerm(Model):
    id = BigAutoField()
    product = ForeignKeyField(Product, index=False, backref="+", on_delete="RESTRICT")
    term = CharField(max_length=40)
    weight = IntegerField()

    class Meta:
        table_name = "product_term"
        indexes = ((("term", "product", "weight"), True), (("product",), False))


class ProductSearch(Model):
    id = BigAutoField()
    product = ForeignKeyField(Product, unique=True, backref="+", on_delete="RESTRICT")
    cut_by = IntegerField()
    sold = IntegerField(constraints=[SQL("DEFAULT 0")], index=True)

    class Meta:
        table_name = "product_search"


def up(_: Any, db: Any) -> None:
    """Add the tables."""
    create_tables(db, [ProductTerm, ProductSearch])
