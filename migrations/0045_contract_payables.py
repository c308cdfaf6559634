"""Payments no longer refer to orders: drops what 0044 moved. The release before can't run on it.

SQLite can't drop a column with a reference: there the two tables are made anew and filled, in the
migration's one transaction. A refund names its payment, and so what was paid.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
)

from kernel.migrate import create_tables, drop_columns


class Payment(Model):
    id = BigAutoField()
    payable_kind = CharField(max_length=16)
    payable_id = BigIntegerField()
    payable_no = CharField(max_length=40)
    out_trade_no = CharField(max_length=32, unique=True)
    channel = CharField(max_length=8)
    mchid = CharField(max_length=16)
    appid = CharField(max_length=32)
    openid = CharField(max_length=64, null=True)
    amount_fen = BigIntegerField()
    received_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    refunding_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'created'")])
    prepay_id = CharField(max_length=128, null=True)
    pay_url = CharField(max_length=512, null=True)
    transaction_id = CharField(max_length=40, null=True)
    description = CharField(max_length=64, constraints=[SQL("DEFAULT ''")])
    expires_at = BigIntegerField()
    created_at = BigIntegerField()
    opened_at = BigIntegerField(null=True)
    paid_at = BigIntegerField(index=True, null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)
    last_error = CharField(max_length=200, null=True)

    class Meta:
        table_name = "payment"
        constraints = (Check("refunding_fen <= received_fen"),)
        indexes = ((("payable_kind", "payable_id"), False),)


class Refund(Model):
    id = BigAutoField()
    payment = ForeignKeyField(Payment, backref="+", on_delete="RESTRICT")
    case_id = BigIntegerField(index=True, null=True)
    cause = CharField(max_length=20)
    out_refund_no = CharField(max_length=32, unique=True)
    amount_fen = BigIntegerField()
    total_fen = BigIntegerField()
    reason = CharField(max_length=80)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'created'")])
    refund_id = CharField(max_length=40, null=True)
    proof = CharField(max_length=200, null=True)
    hand_by = CharField(max_length=64, null=True)
    created_at = BigIntegerField()
    sent_at = BigIntegerField(index=True, null=True)
    succeeded_at = BigIntegerField(null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)
    last_error = CharField(max_length=200, null=True)

    class Meta:
        table_name = "refund"


def up(_: Any, db: Any) -> None:
    """Drop the references to orders, the defaults of 0044, and the payment that an order named."""
    if isinstance(db, SqliteDatabase):
        _make_anew(db)
    else:
        drop_columns(db, "payment", "order_id")
        drop_columns(db, "refund", "order_id")
        for name in ("payable_kind", "payable_id", "payable_no"):
            db.execute_sql(f"ALTER TABLE payment ALTER COLUMN {name} DROP DEFAULT")
    drop_columns(db, "mall_order", "payment_id")


def _make_anew(db: Any) -> None:
    """Refunds refer to payments, so they go first and come back last."""
    tables: tuple[type[Model], ...] = (Payment, Refund)
    for table in tables:
        name = table._meta.table_name  # type: ignore[attr-defined]
        db.execute_sql(f"CREATE TEMPORARY TABLE kept_{name} AS SELECT * FROM {name}")  # noqa: S608
    for name in ("refund", "payment"):
        db.execute_sql(f"DROP TABLE {name}")
    create_tables(db, tables)
    for table in tables:
        meta: Any = table._meta  # type: ignore[attr-defined]
        name, columns = meta.table_name, ", ".join(f.column_name for f in meta.sorted_fields)
        db.execute_sql(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM kept_{name}")  # noqa: S608
        db.execute_sql(f"DROP TABLE kept_{name}")
