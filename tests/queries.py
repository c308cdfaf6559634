"""Records the queries of a part of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted(db: Any) -> Iterator[list[str]]:
    """The SQL statements within the block, without savepoints."""
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
