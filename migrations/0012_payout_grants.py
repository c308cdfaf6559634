"""Standing authorisations of payees (免确认收款授权)."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables


class Base(Model):
    """Every table counts up in a BIGINT."""

    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class Payee(Base):
    class Meta:
        table_name = "payee"


class PayoutGrant(Base):
    payee = ForeignKeyField(Payee, backref="+", on_delete="RESTRICT")
    mchid = CharField(max_length=16)
    appid = CharField(max_length=32)
    scene = CharField(max_length=16)
    openid = CharField(max_length=64)
    out_authorization_no = CharField(max_length=32, unique=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'asked'")])
    open_key = CharField(max_length=96, null=True, unique=True)
    request = TextField()
    authorization_id = CharField(max_length=64, null=True)
    package_info = TextField(null=True)
    asked_at = BigIntegerField()
    active_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)
    end_reason = CharField(max_length=60, null=True)
    ended_by = CharField(max_length=64, null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)
    looked_at = BigIntegerField(null=True)

    class Meta:
        table_name = "payout_grant"


def up(migrator: Any, db: Any) -> None:
    """Make the table."""
    create_tables(db, (PayoutGrant,))
