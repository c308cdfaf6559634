"""Requests that staff record for a person who phoned or wrote (客服代提)."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, Model

from kernel.fields import UtcField
from kernel.migrate import add_columns


class RightsRequest(Model):
    id = BigAutoField()
    asked_channel = CharField(max_length=12, null=True)
    checked_how = CharField(max_length=16, null=True)
    checked_note = CharField(max_length=200, null=True)
    asked_at = UtcField(null=True)

    class Meta:
        table_name = "rights_request"


def up(_: Any, db: Any) -> None:
    """Earlier requests came from the person's own phone."""
    add_columns(db, RightsRequest, "asked_channel", "checked_how", "checked_note", "asked_at")
