"""A distributor's name is free, waits for review, is approved or refused (with the reason)."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model

from kernel.migrate import add_columns


class Distributor(Model):
    id = BigAutoField()
    name_state = CharField(max_length=10, constraints=[SQL("DEFAULT 'free'")])
    name_reason = CharField(max_length=200, null=True)

    class Meta:
        table_name = "distributor"


def up(migrator: Any, db: Any) -> None:
    """Names that are there stay shown; ``doctor names`` judges them."""
    add_columns(db, Distributor, "name_state", "name_reason")
