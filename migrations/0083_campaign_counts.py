"""Campaigns keep how many of their messages are in which state; what is there is counted once.

While the release before still sends, it counts nothing: the nightly look puts that right.
"""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, Model

from kernel.migrate import create_tables


class CampaignCount(Model):
    id = BigAutoField()
    campaign_id = BigIntegerField()
    state = CharField(max_length=20)
    number = IntegerField()

    class Meta:
        table_name = "campaign_count"
        indexes = ((("campaign_id", "state", "number"), False),)


def up(_: Any, db: Any) -> None:
    """A table that is there already was filled, or its rows are counted anew."""
    create_tables(db, [CampaignCount])
    db.execute_sql("DELETE FROM campaign_count")
    db.execute_sql(
        "INSERT INTO campaign_count (campaign_id, state, number) "
        "SELECT campaign_id, state, COUNT(*) FROM delivery GROUP BY campaign_id, state"
    )
