"""Rich details of products, their pictures, and pictures that only the editor stored."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables


class Product(Model):
    id = BigAutoField()

    class Meta:
        table_name = "product"


class Picture(Model):
    id = BigAutoField()

    class Meta:
        table_name = "picture"


class ProductStory(Model):
    id = BigAutoField()
    product = ForeignKeyField(Product, unique=True, backref="+", on_delete="RESTRICT")
    html = TextField(constraints=[SQL("DEFAULT ('')")])
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    updated_at = BigIntegerField()

    class Meta:
        table_name = "product_story"


class StoryPicture(Model):
    id = BigAutoField()
    product = ForeignKeyField(Product, index=False, backref="+", on_delete="RESTRICT")
    picture = ForeignKeyField(Picture, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "story_picture"
        indexes = ((("product", "picture"), True),)


class LoosePicture(Model):
    id = BigAutoField()
    picture = ForeignKeyField(Picture, unique=True, backref="+", on_delete="RESTRICT")
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "loose_picture"


def up(_: Any, db: Any) -> None:
    """Add the tables."""
    create_tables(db, [ProductStory, StoryPicture, LoosePicture])
