"""Drops the days that 0125 took over. The release before can't run on it."""

from __future__ import annotations

from typing import Any


def up(_: Any, db: Any) -> None:
    """One table."""
    db.execute_sql("DROP TABLE IF EXISTS bill_reading")
