"""A table for tests of the store only, and functions that cut a database connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from peewee import CharField, IntegerField, TextField

from kernel.fields import JsonField, UtcField
from kernel.migrate import create_tables
from kernel.store import Table, database, open_database


class Counter(Table):
    """A counter with a name that must be unique."""

    name = CharField(max_length=64, unique=True)
    value = IntegerField(default=0)
    note = TextField(null=True)
    data = JsonField(null=True)
    at = UtcField(null=True)

    class Meta:
        table_name = "test_counter"


def add(name: str, value: int = 0) -> int:
    """A verb that inserts a counter and returns its id."""
    return Counter.insert(name=name, value=value).execute()


def bump(name: str, by: int = 1) -> int:
    """A verb that adds to a counter and returns the number of changed rows."""
    return Counter.update(value=Counter.value + by).where(Counter.name == name).execute()


def value_of(name: str) -> int | None:
    """A query for a counter's value."""
    row = Counter.get_or_none(Counter.name == name)
    return row.value if row else None


def names() -> list[str]:
    """A query for all names, ordered by id."""
    return [row.name for row in Counter.select().order_by(Counter.id)]


def engine() -> str:
    """The engine under test: sqlite, postgresql or mysql."""
    kind = type(database.obj).__mro__
    found = {c.__name__ for c in kind}
    if "SqliteDatabase" in found:
        return "sqlite"
    return "postgresql" if "PostgresqlDatabase" in found else "mysql"


def connection_number() -> int:
    """The server's number of this thread's connection."""
    sql = "SELECT pg_backend_pid()" if engine() == "postgresql" else "SELECT CONNECTION_ID()"
    return int(database.execute_sql(sql).fetchone()[0])


def kill(admin: Any, number: int) -> None:
    """Kill the connection with this number from another connection."""
    if engine() == "postgresql":
        admin.execute_sql("SELECT pg_terminate_backend(%s)", (number,)).fetchone()
    else:
        admin.execute_sql(f"KILL CONNECTION {number}")


def on_a_server(db: Any, url: str) -> Iterator[Any]:
    """For a fixture: create the table; yield a second connection that can kill the first."""
    if engine() == "sqlite":
        pytest.skip("needs DATABASE_URL of a server")
    db.drop_tables([Counter])
    create_tables(db, [Counter])
    other = open_database(url)
    database.initialize(db)
    yield other
    other.close()
    db.drop_tables([Counter])
