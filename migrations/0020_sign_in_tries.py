"""Tries of secrets counted by door, login and place (试错计数), devices of staff (登录过的设备).

What was counted on the account itself is not carried over: a lock lasts a quarter of an hour.
"""

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
)

from kernel.migrate import add_columns, create_tables


class Base(Model):
    """Every table counts up in a BIGINT."""

    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class Staff(Base):
    """As it is."""

    class Meta:
        table_name = "staff"


class StaffDevice(Base):
    """A browser in which somebody once signed in completely."""

    token_hash = CharField(max_length=64)
    staff = ForeignKeyField(Staff, backref="+", on_delete="RESTRICT")
    ip = CharField(max_length=45)
    user_agent = CharField(max_length=200)
    created_at = BigIntegerField()
    seen_at = BigIntegerField()

    class Meta:
        table_name = "staff_device"
        indexes = ((("token_hash", "staff"), True),)


class SecretTry(Base):
    """How often a secret was tried, at one door, for one login, from one place."""

    key = CharField(max_length=64, unique=True)
    login_hash = CharField(max_length=64)
    staff = ForeignKeyField(Staff, null=True, backref="+", on_delete="RESTRICT")
    is_wide = BooleanField(constraints=[SQL("DEFAULT false")])
    tries = IntegerField(constraints=[SQL("DEFAULT 0")])
    since_at = BigIntegerField()
    last_at = BigIntegerField()
    checking_until = BigIntegerField(null=True)

    class Meta:
        table_name = "secret_try"
        indexes = ((("login_hash",), False), (("last_at",), False))


class StaffSession(Base):
    """The new column only."""

    device = ForeignKeyField(StaffDevice, null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "staff_session"


def up(_: Any, db: Any) -> None:
    """Two tables, and which device a session is on."""
    create_tables(db, [StaffDevice, SecretTry])
    add_columns(db, StaffSession, "device")
