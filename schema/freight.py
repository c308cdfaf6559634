"""Freight templates, their rows, and which products have them."""

from __future__ import annotations

from peewee import BooleanField, IntegerField

from schema.catalog import Product
from schema.columns import FenField, JsonField, Table, UtcField, ref, word


class FreightTemplate(Table):
    """A freight template (运费模板)."""

    name = word(30, unique=True)
    basis = word(8)  # count, weight, amount
    is_default = BooleanField(default=False)
    version = IntegerField(default=1)  # counts changes of the template and of its rows
    created_at = UtcField()


class FreightRow(Table):
    """A row of a template: fees for everywhere, for regions, or no delivery (运费规则)."""

    template = ref(FreightTemplate)
    kind = word(8)  # base, area, none
    regions = JsonField()  # codes of divisions
    first_units = IntegerField(default=1)
    first_fen = FenField(default=0)
    next_units = IntegerField(default=0)
    next_fen = FenField(default=0)
    free_from_fen = FenField(null=True)
    days_from = IntegerField(default=0)
    days_to = IntegerField(default=0)


class FreightGoods(Table):
    """The template of a product (商品运费); a product without a row has the shop's default."""

    product = ref(Product, unique=True)
    template = ref(FreightTemplate)
