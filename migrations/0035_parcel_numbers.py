"""The number of a parcel is looked for: among returns, replacements and parcels sent."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, Model

from kernel.migrate import add_indexes


class AfterSale(Model):
    id = BigAutoField()
    return_tracking_no = CharField(max_length=40, null=True, index=True)
    sent_tracking_no = CharField(max_length=40, null=True, index=True)

    class Meta:
        table_name = "after_sale"


class Parcel(Model):
    id = BigAutoField()
    tracking_no = CharField(max_length=40, index=True)

    class Meta:
        table_name = "parcel"


def up(migrator: Any, db: Any) -> None:
    """Indexes only: the release before does not see them."""
    for table in (AfterSale, Parcel):
        add_indexes(db, table)
