"""A database filled by an older release: its rows are inserted, then it is migrated."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kernel.migrate import FOLDER, migrate
from kernel.store import open_database
from kernel.store.factory import make_database
from tests.databases import drop, recreate

GOLDEN = Path(__file__).parents[1] / "golden"
Rows = dict[str, list[dict[str, Any]]]


def rows_of(name: str) -> Rows:
    """The rows by table, as the verbs of the older release wrote them."""
    found: Rows = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    return found


_files: dict[tuple[str, str], bytes] = {}  # migrated SQLite files by release and rows


@contextmanager
def filled_database(tmp_path: Path, rows: Rows, up_to: str) -> Iterator[Any]:
    """Migrate to ``up_to``, insert the rows, apply the remaining migrations, and open it.

    On SQLite the file is made once per worker, and copied for a further test with the same rows.
    """
    asked = os.environ.get("DATABASE_URL", "sqlite")
    if asked.startswith("sqlite"):
        place = tmp_path / "filled.sqlite3"
        url, known = f"sqlite:///{place}", (up_to, json.dumps(rows, sort_keys=True))
        if known in _files:
            place.write_bytes(_files[known])
        else:
            _make(url, tmp_path, rows, up_to)
            _files[known] = place.read_bytes()
    else:
        url = f"{asked}_filled_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
        recreate(url)
        _make(url, tmp_path, rows, up_to)
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()
        if not asked.startswith("sqlite"):
            drop(url)


def _make(url: str, tmp_path: Path, rows: Rows, up_to: str) -> None:
    first = tmp_path / "migrations"
    first.mkdir()
    for path in sorted(FOLDER.glob("[0-9]*.py")):
        if path.stem <= up_to:
            shutil.copy(path, first)
    migrate(url, first)
    fill(url, rows)
    migrate(url)


def fill(url: str, rows: Rows) -> None:
    """Insert rows unchanged, and set the server's id sequences to follow them."""
    db = make_database(url)
    mark = "?" if url.startswith("sqlite") else "%s"
    quote = "`" if url.startswith("mysql") else '"'
    with db.atomic():
        for table, each in rows.items():
            kinds = {c.name: c.data_type for c in db.get_columns(table)}
            for row in each:
                names = ", ".join(f"{quote}{name}{quote}" for name in row)
                marks = ", ".join(mark for _ in row)
                values = [bool(v) if kinds[n] == "boolean" else v for n, v in row.items()]
                db.execute_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
            if url.startswith("postgres"):
                db.execute_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
                )
    db.close()
