"""The merchant's settings."""

from __future__ import annotations

from peewee import IntegerField

from schema.columns import JsonField, Table, UtcField, word


class Setting(Table):
    """A group of settings that the merchant changes while the shop runs (设置)."""

    key = word(48, unique=True)
    value = JsonField()
    version = IntegerField(default=1)
    updated_at = UtcField()
    updated_by = word(64, default="system")
