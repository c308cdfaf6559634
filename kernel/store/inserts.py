"""Inserting a row that may exist already."""

from __future__ import annotations

from typing import Any

from peewee import IntegrityError, PostgresqlDatabase, fn

from kernel.store.base import Table, current, is_sqlite
from kernel.store.failures import is_unique_violation
from kernel.store.prepared import send_insert


def insert_once(model: type[Table], **values: Any) -> bool:
    """Insert a row unless its unique key is taken; True if this call inserted it.

    On servers this is one statement that doesn't fail, so that no savepoint is needed. On MariaDB
    a failed INSERT would leave a shared lock on the existing row, and transactions that go on to
    change it would deadlock. SQLite has one writer; its ``OR IGNORE`` would also hide a missing
    value, so there the error is examined.
    """
    if not is_sqlite():
        cursor = send_insert(model, [values], _unless_taken)
        return bool(cursor.rowcount if _is_postgres() else cursor.lastrowid)
    try:
        send_insert(model, [values])
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return False
    return True


def _unless_taken(query: Any) -> Any:
    if _is_postgres():
        return query.on_conflict_ignore()
    # leaves the existing row unchanged and sets LAST_INSERT_ID to 0, which shows that it existed
    key = query.table._meta.primary_key
    return query.on_conflict(update={key: key + fn.LAST_INSERT_ID(0)})


def _is_postgres() -> bool:
    return isinstance(current(), PostgresqlDatabase)
