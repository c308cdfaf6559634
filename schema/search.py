"""Terms by which products are found."""

from __future__ import annotations

from peewee import IntegerField

from schema.catalog import Product
from schema.columns import Table, ref, word


class ProductTerm(Table):
    """A term of a product's texts, with the weight of its field (检索词)."""

    product = ref(Product, index=False)
    term = word(40)
    weight = IntegerField()

    class Meta:
        indexes = (
            (("term", "product", "weight"), True),  # a search reads nothing but this index
            (("product",), False),
        )


class ProductSearch(Table):
    """By which rules and version a product's terms were written, and how many pieces it sold."""

    product = ref(Product, unique=True)
    cut_by = IntegerField()
    sold = IntegerField(default=0, index=True)
