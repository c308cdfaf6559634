"""A month's commission is summed in an index alone."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, Model

from kernel.migrate import add_indexes, drop_indexes


class Commission(Model):
    id = BigAutoField()
    created_at = BigIntegerField()
    state = CharField(max_length=20)
    amount_fen = BigIntegerField()
    taken_fen = BigIntegerField()

    class Meta:
        table_name = "commission"
        indexes = ((("created_at", "state", "amount_fen", "taken_fen"), False),)


def up(_: Any, db: Any) -> None:
    add_indexes(db, Commission)
    drop_indexes(db, "commission", ("created_at",))
