"""Opens the configured database: engine, session settings, and its store."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from peewee import Database, MySQLDatabase, PostgresqlDatabase, SqliteDatabase

from kernel.store.base import Store, database
from kernel.store.pooled import PooledStore
from kernel.store.sqlite import PRAGMAS, EmbeddedDatabase, ProcessLock, SqliteStore

LOCK_TIMEOUT_MS = 5_000


def open_database(url: str) -> Database:
    """The peewee database of a URL, set as the tables' database; opens no connection."""
    db = make_database(url)
    database.initialize(db)
    return db


def make_database(url: str) -> Database:
    """The peewee database of a URL, not used by the tables; opens no connection."""
    opener = {"sqlite": _sqlite, "postgresql": _postgres, "mysql": _mysql}[urlsplit(url).scheme]
    return opener(url)


def process_lock(url: str) -> ProcessLock:
    """The file lock of a SQLite URL, which the only serving process holds."""
    path = _sqlite_path(url)
    return ProcessLock(path.with_name(path.name + ".lock"))


def open_store(url: str, *, threads: int = 8, lock: bool = True) -> Store:
    """Open the database and its store. On SQLite ``lock`` takes the process lock, too.

    Raises AlreadyRunning if another process holds it.
    """
    return store_for(open_database(url), threads=threads, lock=lock)


def store_for(db: Database, *, threads: int = 8, lock: bool = True) -> Store:
    """The store for an opened database."""
    if isinstance(db, SqliteDatabase):
        path = Path(db.database)
        held = ProcessLock(path.with_name(path.name + ".lock")) if lock else None
        return SqliteStore(db, held)
    return PooledStore(db, threads)


def _sqlite_path(url: str) -> Path:
    return Path(unquote(url.removeprefix("sqlite:///")))


def _sqlite(url: str) -> Database:
    path = _sqlite_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    return EmbeddedDatabase(str(path), pragmas=PRAGMAS)


def _postgres(url: str) -> Database:
    parts = urlsplit(url)
    options = f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MS}"
    return PostgresqlDatabase(
        parts.path.lstrip("/"),
        prefer_psycopg3=True,
        options=options,
        **_server(url, 5432),
    )


class _MySQL(MySQLDatabase):
    """MariaDB and MySQL with session settings that make them behave like the other engines."""

    def _initialize_connection(self, conn: Any) -> None:
        cursor = conn.cursor()
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cursor.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'")
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_TIMEOUT_MS // 1000}")
        cursor.execute("SET NAMES utf8mb4 COLLATE utf8mb4_bin")
        cursor.close()


def _mysql(url: str) -> Database:
    from pymysql.constants import CLIENT

    return _MySQL(
        urlsplit(url).path.lstrip("/"),
        client_flag=CLIENT.FOUND_ROWS,
        connect_timeout=10,
        read_timeout=60,
        **_server(url, 3306),
    )


def _server(url: str, port: int) -> dict[str, Any]:
    parts = urlsplit(url)
    values: dict[str, Any] = {"host": parts.hostname or "127.0.0.1", "port": parts.port or port}
    if parts.username:
        values["user"] = unquote(parts.username)
    if parts.password is not None:
        values["password"] = unquote(parts.password)
    return values | dict(parse_qsl(parts.query))
