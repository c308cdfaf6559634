"""Where business time stands."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField

from schema.columns import Table


class ClockOffset(Table):
    """How far business time is moved; the single row has id 1."""

    offset_us = BigIntegerField(default=0)
    is_moved = BooleanField(default=False)
