"""Orders keep what the buyer wished beside the goods: a greeting card, an invoice."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model

from kernel.migrate import add_columns

EMPTY = [SQL("DEFAULT ''")]


class Order(Model):
    id = BigAutoField()
    greeting = CharField(max_length=200, default="", constraints=EMPTY)
    invoice_kind = CharField(max_length=8, default="", constraints=EMPTY)
    invoice_title = CharField(max_length=100, default="", constraints=EMPTY)
    invoice_tax_no = CharField(max_length=20, default="", constraints=EMPTY)

    class Meta:
        table_name = "mall_order"


def up(_: Any, db: Any) -> None:
    """Nothing was asked before."""
    add_columns(db, Order, "greeting", "invoice_kind", "invoice_title", "invoice_tax_no")
