"""Addresses and orders keep the code of their region."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model

from kernel.migrate import add_columns


class Address(Model):
    id = BigAutoField()
    region = CharField(max_length=6, default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "address"


class Order(Model):
    id = BigAutoField()
    region = CharField(max_length=6, default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "mall_order"


def up(_: Any, db: Any) -> None:
    """Old rows stay without: the region of an old address is found by its names when needed."""
    add_columns(db, Address, "region")
    add_columns(db, Order, "region")
