"""Texts that the lint refused and who let them pass (广告审查); evidence for claims (证明材料)."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model, TextField

from kernel.fields import UtcField
from kernel.migrate import create_tables


class TextRuling(Model):
    id = BigAutoField()
    text_hash = CharField(max_length=64, unique=True)
    text = CharField(max_length=500)
    page = CharField(max_length=120)
    field = CharField(max_length=40)
    words = TextField()
    asked_by = CharField(max_length=64)
    asked_at = UtcField(index=True)
    state = CharField(
        max_length=20, index=True, default="refused", constraints=[SQL("DEFAULT 'refused'")]
    )
    decided_by = CharField(max_length=64, null=True)
    decided_at = UtcField(null=True)
    reason = CharField(max_length=200, null=True)

    class Meta:
        legacy_table_names = False


class ClaimEvidence(Model):
    id = BigAutoField()
    claim = CharField(max_length=20)
    title = CharField(max_length=80)
    number = CharField(max_length=80, default="", constraints=[SQL("DEFAULT ''")])
    covers = CharField(max_length=400)
    last_day = CharField(max_length=10, null=True)
    added_by = CharField(max_length=64)
    added_at = UtcField()
    withdrawn_by = CharField(max_length=64, null=True)
    withdrawn_at = UtcField(null=True)

    class Meta:
        legacy_table_names = False


def up(_: Any, db: Any) -> None:
    """New tables only: the release before does not see them."""
    create_tables(db, [TextRuling, ClaimEvidence])
