"""A member's choice of large type (大字版) follows them into every browser."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BooleanField, Model

from kernel.migrate import add_columns


class Member(Model):
    id = BigAutoField()
    is_care_mode = BooleanField(null=True)

    class Meta:
        table_name = "member"


def up(_: Any, db: Any) -> None:
    """Nobody has chosen for all of their browsers yet; each browser keeps what it has."""
    add_columns(db, Member, "is_care_mode")
