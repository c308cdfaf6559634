"""Records the SQL statements of a verb, rolls it back, and repeats them by the bare driver.

This measures the database's own work: same SQL, same rows, without query builder, domain and HTTP.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from bench.tools.report import Round, of_times
from kernel import clock
from kernel.store import database
from models import Order

FIRST_ORDER = 900_000_000
"""Ids of orders begin here, so that no other parameter equals one."""

Statement = tuple[str, tuple[Any, ...]]
THREADS = 8
_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")


def recorded(run: Callable[[], Any]) -> list[Statement]:
    """The SQL statements of a call, which is then rolled back."""
    db, seen = database.obj, []
    real = db.execute_sql

    def spy(sql: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not sql.startswith(_CONTROL):
            seen.append((sql, tuple(params or ())))
        return real(sql, params, *args, **kwargs)

    with db.atomic() as transaction:
        db.execute_sql = spy
        try:
            run()
        finally:
            del db.execute_sql
        transaction.rollback()
    return seen


def lift_order_ids() -> None:
    """Raise the sequence of order ids to ``FIRST_ORDER``."""
    now = clock.now()
    Order.insert(
        id=FIRST_ORDER, order_no="ORDBENCH", member=1, state="cancelled", goods_fen=0,
        payable_fen=0, sealed_address="", masked_address="", created_at=now, pay_by_at=now,
    ).execute()  # fmt: skip
    if "Postgres" in type(database.obj).__name__:
        database.execute_sql(f"SELECT setval('mall_order_id_seq', {FIRST_ORDER})")


class Bare:
    """A connection of the bare driver to the same database."""

    def __init__(self, url: str) -> None:
        self.engine = urlsplit(url).scheme
        self.connection = _connect(self.engine, url)

    def send(self, statements: Sequence[Statement]) -> None:
        """Execute recorded statements; the recorded order's id is replaced by the new one."""
        cursor, made, old = self.connection.cursor(), None, None
        for sql, params in statements:
            if old is not None:
                params = tuple(made if p == old else p for p in params)
            cursor.execute(sql, params)
            if sql.lstrip().startswith("SELECT"):
                cursor.fetchall()
            elif "mall_order" in sql.split("(", 1)[0] and sql.startswith("INSERT"):
                made = cursor.fetchone()[0] if cursor.description else cursor.lastrowid
                old = _order_id(statements)

    def together(self, batch: Sequence[Sequence[Statement]]) -> float:
        """Execute several calls in one transaction; returns the seconds."""
        started = time.perf_counter()
        self.connection.execute("BEGIN IMMEDIATE")
        for statements in batch:
            self.send(statements)
        self.connection.execute("COMMIT")
        return time.perf_counter() - started

    def alone(self, statements: Sequence[Statement]) -> float:
        """Execute one call in one transaction; returns the seconds."""
        started = time.perf_counter()
        self.send(statements)
        self.connection.commit()
        return time.perf_counter() - started


def round_of(url: str, calls: Sequence[Sequence[Statement]], together: int) -> Round:
    """Execute all calls: on SQLite ``together`` per transaction, on servers one, in 8 threads."""
    cpu = time.process_time()
    if url.startswith("sqlite"):
        bare = Bare(url)
        batches = [calls[n : n + together] for n in range(0, len(calls), together)]
        taken = [bare.together(batch) for batch in batches]
        bare.connection.close()
        each = of_times(taken, time.process_time() - cpu)
        return Round(len(calls), each.seconds, each.p50_ms, each.p99_ms,
                     each.cpu_ms * len(taken) / len(calls))  # fmt: skip
    bares = [Bare(url) for _ in range(THREADS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        work = [
            threads.submit(lambda b, part: [b.alone(c) for c in part], bare, calls[n::THREADS])
            for n, bare in enumerate(bares)
        ]
        taken = [each for done in work for each in done.result()]
    seconds = time.perf_counter() - started
    for bare in bares:
        bare.connection.close()
    each = of_times(taken, time.process_time() - cpu)
    return Round(len(calls), seconds, each.p50_ms, each.p99_ms, each.cpu_ms)


def _order_id(statements: Sequence[Statement]) -> int | None:
    """The id of the recorded order."""
    for _, params in statements:
        for param in params:
            if isinstance(param, int) and FIRST_ORDER < param < FIRST_ORDER * 2:
                return param
    return None


def _connect(engine: str, url: str) -> Any:
    parts = urlsplit(url)
    if engine == "sqlite":
        made = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        made.execute("PRAGMA synchronous = full")
        made.execute("PRAGMA foreign_keys = 1")
        return made
    name = parts.path.lstrip("/")
    if engine == "postgresql":
        import psycopg

        return psycopg.connect(
            host=parts.hostname, port=parts.port or 5432, user=parts.username,
            password=parts.password, dbname=name,
        )  # fmt: skip
    import pymysql

    return pymysql.connect(
        host=parts.hostname or "127.0.0.1", port=parts.port or 3306, user=parts.username,
        password=parts.password or "", database=name, charset="utf8mb4",
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )  # fmt: skip
