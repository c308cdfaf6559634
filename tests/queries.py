"""Counts the queries that a piece of a test makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted(db: Any) -> Iterator[list[str]]:
    """The SQL that runs inside, savepoints left out."""
    seen: list[str] = []
    real = db.execute_sql

    def spy(sql: str, *args: Any, **kwargs: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            seen.append(sql)
        return real(sql, *args, **kwargs)

    db.execute_sql = spy
    try:
        yield seen
    finally:
        del db.execute_sql
