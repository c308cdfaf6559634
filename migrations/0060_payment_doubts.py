"""A buyer is told once that a payment is in doubt, and once how it ended."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model

from kernel.migrate import add_columns


class Payment(Model):
    id = BigAutoField()
    doubted_at = BigIntegerField(null=True)
    doubt_ended_at = BigIntegerField(null=True)

    class Meta:
        table_name = "payment"


def up(_: Any, db: Any) -> None:
    """Two columns that may be empty: the release before does not see them."""
    add_columns(db, Payment, "doubted_at", "doubt_ended_at")
