"""Makes and empties the databases that tests run on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peewee import PostgresqlDatabase

import models
from kernel.migrate import migrate
from kernel.store.factory import make_database
from tests.harness import connections

TABLE_NAMES = [table._meta.table_name for table in models.TABLES]
_WHICH_ARE_FULL = " UNION ALL ".join(
    f"SELECT * FROM (SELECT '{name}' AS name FROM {name} LIMIT 1) AS t{number}"
    for number, name in enumerate(TABLE_NAMES)
)

_migrated: list[bytes] = []  # the file of an empty SQLite database, after it was made


def fresh(url: str, *, is_durable: bool = True) -> None:
    """Create an empty database by the migrations; on SQLite the file is made once and copied.

    Unless it is durable, PostgreSQL does not wait for the disk at a commit.
    """
    if not url.startswith("sqlite"):
        recreate(url, is_durable=is_durable)
        migrate(url)
        return
    path = Path(url.removeprefix("sqlite:///"))
    if not _migrated:
        migrate(url)
        _migrated.append(path.read_bytes())
    connections.forget(url)
    path.write_bytes(_migrated[0])


def full_tables(db: Any) -> set[str]:
    """The names of the tables that have rows."""
    return {name for (name,) in db.execute_sql(_WHICH_ARE_FULL).fetchall()}


def empty(db: Any) -> None:
    """Delete every row, children first, in the tables that have rows."""
    full = full_tables(db)
    with db.atomic():
        for name in reversed(TABLE_NAMES):
            if name in full:
                db.execute_sql(f"DELETE FROM {name}")


def recreate(url: str, *, is_durable: bool = True) -> None:
    """Drop a server database and create it empty, as a merchant's administrator would."""
    connections.forget(url)
    name = urlsplit(url).path.lstrip("/")
    server = make_database(url[: -len(name)] + ("postgres" if "postgres" in url else "mysql"))
    server.execute_sql(f"DROP DATABASE IF EXISTS {name}")
    server.execute_sql(f"CREATE DATABASE {name}")
    if isinstance(server, PostgresqlDatabase) and not is_durable:
        server.execute_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    server.close()


def drop(url: str) -> None:
    """Drop a server database."""
    name = urlsplit(url).path.lstrip("/")
    server = make_database(url[: -len(name)] + ("postgres" if "postgres" in url else "mysql"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MySQL warns if there was none
        server.execute_sql(f"DROP DATABASE IF EXISTS {name}")
    server.close()
