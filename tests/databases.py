"""Makes and empties the databases that tests run on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import models
from kernel.migrate import migrate
from kernel.store.factory import make_database

_NAMES = [table._meta.table_name for table in models.TABLES]


_migrated: list[bytes] = []  # the file of an empty SQLite database, once it was made


def fresh(url: str) -> None:
    """Create a database anew by the migrations; a file of SQLite's is made once and copied."""
    if not url.startswith("sqlite"):
        recreate(url)
        migrate(url)
        return
    path = Path(url.removeprefix("sqlite:///"))
    if not _migrated:
        migrate(url)
        _migrated.append(path.read_bytes())
    path.write_bytes(_migrated[0])


def empty(db: Any) -> None:
    """Delete every row, children first; only the tables that have any are touched."""
    asked = " UNION ALL ".join(
        f"SELECT * FROM (SELECT '{name}' AS name FROM {name} LIMIT 1) AS t{number}"
        for number, name in enumerate(_NAMES)
    )
    full = {name for (name,) in db.execute_sql(asked).fetchall()}
    with db.atomic():
        for name in reversed(_NAMES):
            if name in full:
                db.execute_sql(f"DELETE FROM {name}")


def recreate(url: str) -> None:
    """Drop a server database and create it empty, as a merchant's administrator would."""
    name = urlsplit(url).path.lstrip("/")
    server = make_database(url[: -len(name)] + ("postgres" if "postgres" in url else "mysql"))
    server.execute_sql(f"DROP DATABASE IF EXISTS {name}")
    server.execute_sql(f"CREATE DATABASE {name}")
    server.close()


def drop(url: str) -> None:
    """Drop a server database."""
    name = urlsplit(url).path.lstrip("/")
    server = make_database(url[: -len(name)] + ("postgres" if "postgres" in url else "mysql"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MySQL warns when there was none
        server.execute_sql(f"DROP DATABASE IF EXISTS {name}")
    server.close()
