"""A campaign says what it was made for, such as a promotion that began (群发来源)."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, Model

from kernel.migrate import add_columns


class PushCampaign(Model):
    id = BigAutoField()
    source = CharField(max_length=32, null=True, index=True)

    class Meta:
        table_name = "push_campaign"


def up(_: Any, db: Any) -> None:
    add_columns(db, PushCampaign, "source")
