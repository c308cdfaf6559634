"""Inserting what may be there already."""

from __future__ import annotations

from typing import Any

from peewee import IntegrityError, PostgresqlDatabase, fn

from kernel.store.base import Table, current, is_sqlite
from kernel.store.failures import is_unique_violation
from kernel.store.prepared import send_insert


def insert_once(model: type[Table], **values: Any) -> bool:
    """Insert a row unless its unique key is taken; True if this call inserted it.

    One statement that doesn't fail, so that the transaction goes on without a savepoint. A failed
    INSERT would leave MariaDB with a shared lock on the row that was there: several that met on
    it, and then change it, would end in deadlock. SQLite has no one to meet; its ``OR IGNORE``
    would also swallow a missing value, so there the error is looked at.
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
    # the found row stays as it is; that LAST_INSERT_ID is then 0 tells which of the two it was
    key = query.table._meta.primary_key
    return query.on_conflict(update={key: key + fn.LAST_INSERT_ID(0)})


def _is_postgres() -> bool:
    return isinstance(current(), PostgresqlDatabase)
