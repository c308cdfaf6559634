"""Single promotional notices count in the weekly cap; a member may decline to give a name."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, ForeignKeyField, Model

from kernel.fields import UtcField
from kernel.migrate import add_columns, create_tables


class Member(Model):
    id = BigAutoField()
    name_declined_at = UtcField(null=True)

    class Meta:
        table_name = "member"


class PromotionNotice(Model):
    id = BigAutoField()
    member = ForeignKeyField(Member, index=False, on_delete="RESTRICT")
    key = CharField(max_length=48, unique=True)
    purpose = CharField(max_length=40)
    at = UtcField()

    class Meta:
        table_name = "promotion_notice"
        indexes = ((("member", "at"), False),)


def up(_: Any, db: Any) -> None:
    """Notices of the last week are not counted; there is one in a life."""
    add_columns(db, Member, "name_declined_at")
    create_tables(db, [PromotionNotice])
