"""Rows that take many verbs to make are made once per worker and inserted for later tests.

The rows are made again after ``AGE_MOST_SECONDS``, or if the test's database had other rows
before. A server's sequences have passed the ids of kept rows, and never go back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from peewee import MySQLDatabase, SqliteDatabase

from domain.promotions.live import clear_cache
from domain.settings import forget_cache
from kernel import clock
from kernel.store import database
from tests.databases import TABLE_NAMES, empty, full_tables
from tests.factories import numbers

T = TypeVar("T")
Rows = dict[str, list[tuple[Any, ...]]]  # by table
AGE_MOST_SECONDS = 300.0
_AT_ONCE = 100  # rows of one statement


@dataclass(frozen=True)
class _Kept:
    before: dict[str, int]  # rows by table
    rows: Rows
    value: Any
    now: datetime  # business time when the rows were made
    at: float  # monotonic time when the rows were made
    numbers: dict[str, int]  # how far the factories had counted


_kept: dict[str, _Kept] = {}


def made_once(name: str, make: Callable[[], T]) -> T:
    """The result of ``make``, with its rows in the test's database and its business time.

    ``name`` stands for ``make`` and its fixtures: another content needs another name.
    """
    db = database.obj
    before = {table: len(rows) for table, rows in rows_of(db).items()}
    kept = _kept.get(name)
    if kept and kept.before == before and time.monotonic() - kept.at < AGE_MOST_SECONDS:
        fill(db, kept.rows)
        forget_cache()
        clear_cache()
        clock.set_offset(kept.now - clock.system_now())
        numbers.go_on_from(kept.numbers)
        value: T = kept.value
        return value
    value = make()
    _kept[name] = _Kept(before, rows_of(db), value, clock.now(), time.monotonic(), numbers.given())
    return value


def rows_of(db: Any) -> Rows:
    """All rows of a database."""
    full = full_tables(db)
    return {
        name: db.execute_sql(f"SELECT * FROM {name} ORDER BY id").fetchall()
        for name in TABLE_NAMES
        if name in full
    }


def fill(db: Any, tables: Rows) -> None:
    """Put these rows in the place of all others; tables stand after those that they refer to."""
    with db.atomic():
        empty(db)
        if isinstance(db, SqliteDatabase):
            db.execute_sql("PRAGMA defer_foreign_keys = 1")  # until the outermost commit
        if isinstance(db, MySQLDatabase):
            db.execute_sql("SET foreign_key_checks = 0")
        for name, rows in tables.items():
            _insert(db, name, rows)
        if isinstance(db, MySQLDatabase):
            db.execute_sql("SET foreign_key_checks = 1")


def _insert(db: Any, name: str, rows: list[tuple[Any, ...]]) -> None:
    marks = "(" + ", ".join([db.param] * len(rows[0])) + ")"
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        values = [value for row in part for value in row]
        db.execute_sql(f"INSERT INTO {name} VALUES {', '.join([marks] * len(part))}", values)
