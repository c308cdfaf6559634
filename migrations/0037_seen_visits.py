"""A touch says when its visit was last counted (看过并计入).

What was counted before stays: a touch that exists has met its distributor, and the next visit of
its visitor is not a first one.
"""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, Model

from kernel.migrate import add_columns


class Touch(Model):
    """The new column, and the one it begins with."""

    id = BigAutoField()
    last_at = BigIntegerField()
    counted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "touch"


def up(_: Any, db: Any) -> None:
    """One column, filled from the last visit of each row."""
    add_columns(db, Touch, "counted_at")
    with db.bind_ctx([Touch], bind_refs=False, bind_backrefs=False):
        Touch.update(counted_at=Touch.last_at).where(Touch.counted_at.is_null()).execute()
