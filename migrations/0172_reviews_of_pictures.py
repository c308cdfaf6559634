"""Pictures that people add wait for a review (图片审核)."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CharField, Model

from kernel.fields import UtcField
from kernel.migrate import create_tables


class PictureReview(Model):
    id = BigAutoField()
    kind = CharField(max_length=16)
    owner_id = BigIntegerField()
    member_id = BigIntegerField(index=True)
    picture = CharField(max_length=64)
    state = CharField(
        max_length=20, index=True, default="waiting", constraints=[SQL("DEFAULT 'waiting'")]
    )
    ground = CharField(max_length=200, null=True)
    asked_at = UtcField()
    decided_by = CharField(max_length=64, null=True)
    decided_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("kind", "owner_id", "picture"), True),)


def up(_: Any, db: Any) -> None:
    """A new table only; pictures that are shown stay."""
    create_tables(db, [PictureReview])
