"""Classifies database errors: worth a retry, connection lost, unique key taken.

peewee wraps the driver's error, and the failed ``ROLLBACK TO`` of a savepoint may hide it (MariaDB
ends the whole transaction on a deadlock). So the whole chain of causes is searched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from peewee import IntegrityError, InterfaceError, OperationalError, PeeweeException

from kernel.store.keys import CommandRaced

_PG_AGAIN = {"40P01", "40001", "55P03"}  # deadlock, serialization, lock timeout
_PG_GONE = {"57P01", "57P02", "57P03", "08000", "08001", "08003", "08006"}
_PG_FULL = "53100"
_MYSQL_FULL = {1021, 1114, 3}
_PG_UNIQUE = "23505"
_MYSQL_AGAIN = {1213, 1205, 1020}  # deadlock, lock timeout, row changed since read
_MYSQL_GONE = {0, 1053, 1927, 2002, 2003, 2006, 2013, 2014, 4031}
_MYSQL_UNIQUE = 1062
_SQLITE_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}


def retry_cause(error: BaseException) -> str | None:
    """Why a retry may succeed: ``raced``, ``gone``, ``deadlock``; None if it would fail again."""
    if isinstance(error, CommandRaced):
        return "raced"
    if not isinstance(error, PeeweeException):
        return None
    if is_gone(error):
        return "gone"
    for inner in _chain(error):
        if _sqlstate(inner) in _PG_AGAIN or _mysql_code(inner) in _MYSQL_AGAIN:
            return "deadlock"
    return None


def is_gone(error: BaseException) -> bool:
    """True if the connection is lost."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return any(_says_gone(inner) for inner in _chain(error))


def whole_database_failure(error: BaseException) -> str | None:
    """A failure of the database as a whole: ``disk_full`` or ``database_away``; else None."""
    if not isinstance(error, PeeweeException):
        return None
    if any(_says_full(inner) for inner in _chain(error)):
        return "disk_full"
    return "database_away" if is_gone(error) else None


def is_unique_violation(error: BaseException) -> bool:
    """True if a unique key was taken; False for violations of other constraints."""
    if not isinstance(error, IntegrityError):
        return False
    return any(
        _sqlstate(inner) == _PG_UNIQUE
        or _mysql_code(inner) == _MYSQL_UNIQUE
        or getattr(inner, "sqlite_errorcode", None) in _SQLITE_UNIQUE
        for inner in _chain(error)
    )


def _says_gone(inner: BaseException) -> bool:
    if _mysql_code(inner) in _MYSQL_GONE or _sqlstate(inner) in _PG_GONE:
        return True
    # psycopg raises an operational error without SQLSTATE if the server did not answer
    return type(inner).__module__.startswith("psycopg") and _sqlstate(inner) is None


def _says_full(inner: BaseException) -> bool:
    return (
        getattr(inner, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or _sqlstate(inner) == _PG_FULL
        or _mysql_code(inner) in _MYSQL_FULL
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _sqlstate(inner: BaseException) -> str | None:
    state = getattr(inner, "sqlstate", None)
    return state if isinstance(state, str) else None


def _mysql_code(inner: BaseException) -> int | None:
    if not type(inner).__module__.startswith("pymysql"):
        return None
    return inner.args[0] if inner.args and isinstance(inner.args[0], int) else None
