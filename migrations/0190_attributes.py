"""Attributes of categories and products, categories in two levels with pictures, brands."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import add_columns, create_tables

EMPTY = [SQL("DEFAULT ''")]
NONE_YET = [SQL("DEFAULT 0")]


class Category(Model):
    id = BigAutoField()
    parent_id = BigIntegerField(null=True, index=True)
    picture = CharField(max_length=64, constraints=EMPTY)
    version = IntegerField(constraints=[SQL("DEFAULT 1")])

    class Meta:
        table_name = "category"


class Product(Model):
    id = BigAutoField()
    brand = CharField(max_length=40, constraints=EMPTY)

    class Meta:
        table_name = "product"


class Attribute(Model):
    id = BigAutoField()
    category = ForeignKeyField(Category, index=False, on_delete="RESTRICT")
    name = CharField(max_length=20)
    kind = CharField(max_length=8)
    unit = CharField(max_length=10, constraints=EMPTY)
    options = TextField(null=True)
    is_filter = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    position = IntegerField(constraints=NONE_YET)

    class Meta:
        table_name = "attribute"
        indexes = ((("category", "name"), True),)


class ProductAttribute(Model):
    id = BigAutoField()
    product = ForeignKeyField(Product, index=False, on_delete="RESTRICT")
    attribute = ForeignKeyField(Attribute, index=False, on_delete="RESTRICT")
    value = CharField(max_length=120)

    class Meta:
        legacy_table_names = False
        indexes = (
            (("product", "attribute"), True),
            (("attribute", "value", "product"), False),
        )


def up(_: Any, db: Any) -> None:
    """No category has attributes so far, and none is below another."""
    add_columns(db, Category, "parent_id", "picture", "version")
    add_columns(db, Product, "brand")
    create_tables(db, [Attribute, ProductAttribute])
