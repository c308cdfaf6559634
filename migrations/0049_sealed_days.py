"""Closed days of the book are sealed: their sums by account, and what has been summed so far.

New tables only; the first round of the sealing job fills them.
"""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, Model

from kernel.migrate import create_tables


class LedgerMark(Model):
    id = BigAutoField()
    name = CharField(max_length=8, unique=True)
    at = BigIntegerField()

    class Meta:
        table_name = "ledger_mark"


class LedgerDay(Model):
    id = BigAutoField()
    account_id = BigIntegerField()
    day = CharField(max_length=10)
    came_fen = BigIntegerField()
    went_fen = BigIntegerField()

    class Meta:
        table_name = "ledger_day"
        indexes = ((("day", "account_id"), True),)


class LedgerSum(Model):
    id = BigAutoField()
    account_id = BigIntegerField(unique=True)
    came_fen = BigIntegerField()
    went_fen = BigIntegerField()

    class Meta:
        table_name = "ledger_sum"


def up(_: Any, db: Any) -> None:
    """Three empty tables."""
    create_tables(db, [LedgerMark, LedgerDay, LedgerSum])
