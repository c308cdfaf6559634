"""Keyed hashes of names and phones get columns, by which people are found (ADR 0091).

They are filled by the next migration: on PostgreSQL a new column locks its table until the
migration ends. A withdrawal on hold gets a column for what its owner is told; the reason is for
the merchant.
"""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, Model

from kernel.migrate import add_columns, drop_indexes


class Member(Model):
    name_hash = CharField(max_length=64, null=True, index=True)

    class Meta:
        table_name = "member"


class Address(Model):
    name_hash = CharField(max_length=64, null=True, index=True)
    phone_hash = CharField(max_length=64, null=True, index=True)

    class Meta:
        table_name = "address"


class Order(Model):
    id = BigAutoField()
    name_hash = CharField(max_length=64, null=True)
    phone_hash = CharField(max_length=64, null=True)

    class Meta:
        table_name = "mall_order"
        indexes = ((("name_hash", "id"), False), (("phone_hash", "id"), False))


class Payee(Model):
    name_hash = CharField(max_length=64, null=True, index=True)

    class Meta:
        table_name = "payee"


class Distributor(Model):
    name_hash = CharField(max_length=64, null=True, index=True)

    class Meta:
        table_name = "distributor"


class Withdrawal(Model):
    hold_told = CharField(max_length=80, null=True)

    class Meta:
        table_name = "withdrawal"


def up(_: Any, db: Any) -> None:
    """The release before goes on: it leaves the new columns empty, which the search knows."""
    add_columns(db, Order, "name_hash", "phone_hash")
    add_columns(db, Address, "name_hash", "phone_hash")
    for table in (Member, Payee, Distributor):
        add_columns(db, table, "name_hash")
    add_columns(db, Withdrawal, "hold_told")
    drop_indexes(db, "member", ("nickname",))  # a nickname is looked for by its hash
