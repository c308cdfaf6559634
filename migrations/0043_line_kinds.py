"""A line says whether it was bought or given along (赠品、奖品); every line so far was bought."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model

from kernel.migrate import add_columns


class OrderLine(Model):
    id = BigAutoField()
    kind = CharField(max_length=8, constraints=[SQL("DEFAULT 'bought'")])

    class Meta:
        table_name = "order_line"


def up(_: Any, db: Any) -> None:
    """One column, with a default."""
    add_columns(db, OrderLine, "kind")
