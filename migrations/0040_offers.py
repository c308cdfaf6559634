"""Promotions, one table for every kind (优惠活动)."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables


class OfferRow(Model):
    id = BigAutoField()
    kind = CharField(max_length=24)
    title = CharField(max_length=60)
    label = CharField(max_length=20)
    state = CharField(max_length=20, index=True, constraints=[SQL("DEFAULT 'draft'")])
    starts_at = BigIntegerField()
    ends_at = BigIntegerField()
    scope = CharField(max_length=12)
    targets = TextField()
    rules = TextField()
    tells_carts = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    version = IntegerField(constraints=[SQL("DEFAULT 1")])
    begun_at = BigIntegerField(null=True)
    stopped_at = BigIntegerField(null=True)
    stop_reason = CharField(max_length=80, null=True)
    created_at = BigIntegerField()
    created_by = CharField(max_length=64)
    updated_at = BigIntegerField()
    updated_by = CharField(max_length=64)

    class Meta:
        table_name = "offer"
        indexes = ((("state", "ends_at"), False),)


def up(migrator: Any, db: Any) -> None:
    create_tables(db, [OfferRow])
