"""The offset of business time."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField

from schema.columns import Table


class ClockOffset(Table):
    """The offset of business time in microseconds; the only row has id 1."""

    offset_us = BigIntegerField(default=0)
    is_moved = BooleanField(default=False)
