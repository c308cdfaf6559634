"""Keeps connections to a worker's database open, for one test after another.

A test opens up to six (its own, the writer's, the readers'). On SQLite each costs 4 ms, most of it
for reading the schema of a hundred tables. On PostgreSQL it costs 12 ms, and 40 ms more until a
new backend has cached the tables. On MariaDB it costs 50 ms. Only connections to the database of
the fixture ``database_url`` are kept. Others are opened and closed as in production.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from peewee import MySQLDatabase, PostgresqlDatabase
from psycopg.pq import TransactionStatus
from pymysql.constants import SERVER_STATUS

from kernel.store.factory import make_database

_idle: dict[str, list[Any]] = {}  # by database


def forget(url: str) -> None:
    """Close the idle connections, as before the database is replaced."""
    idle = _idle.get(_named(url), [])
    while idle:
        idle.pop().close()


def _named(url: str) -> str:
    return str(make_database(url).database)  # type: ignore[attr-defined]


@contextmanager
def kept_open(url: str) -> Iterator[None]:
    """Within the block a closed connection to this database is kept for the next test."""
    name, kind = _named(url), type(make_database(url))
    as_before, answers = _checks(kind)
    really_connect, really_close = kind._connect, kind._close  # type: ignore[attr-defined]
    idle = _idle.setdefault(name, [])

    def connect(self: Any) -> Any:
        if self.database != name:
            return really_connect(self)
        with suppress(IndexError):
            while True:
                connection = idle.pop()
                if _is_true(answers, connection):
                    return connection
                really_close(self, connection)
        if kind.__name__ == "EmbeddedDatabase":
            self.connect_params = {**self.connect_params, "check_same_thread": False}
        return really_connect(self)

    def close(self: Any, connection: Any) -> None:
        if self.database == name and _is_true(as_before, connection):
            idle.append(connection)
        else:
            really_close(self, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "_connect", connect)
        patch.setattr(kind, "_close", close)
        yield
    forget(url)
    del _idle[name]


Check = Callable[[Any], bool]


def _checks(kind: type) -> tuple[Check, Check]:
    """Two functions: reset a closed connection for its next use, and test whether it answers."""
    if issubclass(kind, PostgresqlDatabase):
        return _postgresql_as_new, lambda c: bool(c.execute("SELECT 1").fetchone())
    if issubclass(kind, MySQLDatabase):
        return _mysql_as_new, lambda c: c.ping(reconnect=False) is None
    return _sqlite_as_new, lambda _: True


def _is_true(check: Check, connection: Any) -> bool:
    with suppress(Exception):  # drivers raise different errors for a broken connection
        return check(connection)
    return False


def _sqlite_as_new(connection: Any) -> bool:
    """Stop a statement in progress, which would see old rows, and allow writing.

    After an interrupt, new statements fail as long as an old one is in progress.
    """
    if connection.in_transaction:
        return False
    connection.interrupt()
    connection.execute("PRAGMA query_only = 0")
    return True


def _postgresql_as_new(connection: Any) -> bool:
    if connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    connection.execute("RESET ALL; SELECT pg_advisory_unlock_all()")
    return True


def _mysql_as_new(connection: Any) -> bool:
    """Release all locks; ``kernel.store.factory`` sets the session's settings at the next use."""
    if connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT RELEASE_ALL_LOCKS()")
    return True
