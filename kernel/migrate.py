"""Applies schema migrations: numbered files, each applied once, in order, under a lock.

A migration is ``migrations/NNNN_name.py`` with ``up(migrator, db)``. Once applied it must not
change; a stored checksum enforces that. Migrations follow expand → migrate → contract, so that
the previous release still runs on the newer tables (docs/adr/0010-numbered-migrations.md).
Columns are added with ``add_columns``: peewee's ``add_column`` loses the default on MariaDB.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peewee import (
    BigIntegerField,
    CharField,
    Check,
    Database,
    Entity,
    ForeignKeyField,
    IntegerField,
    Model,
    MySQLDatabase,
    OperationalError,
    PostgresqlDatabase,
    SqliteDatabase,
)
from playhouse.migrate import SchemaMigrator
from playhouse.migrations import Migration

from kernel import clock
from kernel.fields import UtcField
from kernel.store.factory import make_database, process_lock

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parents[1] / "migrations"
MYSQL_TABLE = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
LOCK_SECONDS = 60
CONTRACT = "_contract_"
"""Part of the name of a migration that removes or narrows, so that the previous release fails."""

_LOCK_NAME = "fenmall_migrate"
_LOCK_NUMBER = 0x66656E6D  # "fenm"
_BUSY = f"another migration has been running for {LOCK_SECONDS} s"
_INT_MAX = 2**31 - 1


class MigrationError(Exception):
    """Database and program do not fit together; the message says what to do."""


def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Apply every missing migration; returns their names. Raises MigrationError."""
    db = make_database(url)
    try:
        with _locked(url, db):
            history = _history(db)
            # PostgreSQL logs a notice for "IF NOT EXISTS", hence the check
            if not history.table_exists():
                create_tables(db, [history])
            todo = _missing(history, folder)
            for migration in todo:
                _apply(db, history, migration)
            return [migration.name for migration in todo]
    finally:
        db.close()


def pending(url: str, folder: Path = FOLDER) -> list[str]:
    """Names of the missing migrations; with any, the app must not start.

    A database that was only expanded for the next release is accepted, so that two releases can
    run side by side (docs/adr/0042-two-releases-side-by-side.md). Raises MigrationError if it was
    contracted since, or if an applied file was changed.
    """
    db = make_database(url)
    try:
        history = _history(db)
        if not history.table_exists():
            return [migration.name for migration in Migration.load_directory(str(folder))]
        return [migration.name for migration in _missing(history, folder, may_be_newer=True)]
    finally:
        db.close()


def applied(url: str) -> list[tuple[str, str, int]]:
    """Name, checksum and instant (µs since 1970) of each applied migration, for the backup."""
    db = make_database(url)
    try:
        history = _history(db)
        rows = history.select().order_by(history.id)
        return [(r.name, r.checksum, int(r.applied_at.timestamp() * 1_000_000)) for r in rows]
    finally:
        db.close()


def set_applied(url: str, rows: Sequence[tuple[str, str, int]]) -> None:
    """Write a restored database's migration history.

    It is written last: until then no process starts on a half-restored database.
    """
    db = make_database(url)
    try:
        history = _history(db)
        create_tables(db, [history])
        with db.atomic():
            for name, known, at_us in rows:
                at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
                history.insert(name=name, checksum=known, applied_at=at).execute()
    finally:
        db.close()


def create_tables(db: Database, tables: Sequence[type[Model]]) -> None:
    """Create tables with options that make the engines behave alike.

    MariaDB: InnoDB, utf8mb4_bin. SQLite ignores lengths and integer sizes, so it gets them as
    CHECKs and refuses what the others refuse.
    """
    with db.bind_ctx(list(tables), bind_refs=False, bind_backrefs=False):
        for table in tables:
            meta: Any = table._meta
            meta.table_settings = (MYSQL_TABLE,) if isinstance(db, MySQLDatabase) else None
            with _bounded(meta.sorted_fields if isinstance(db, SqliteDatabase) else ()):
                table.create_table(safe=True)


def add_columns(db: Database, table: type[Model], *names: str) -> None:
    """Add columns, with their indexes and references, to an existing table.

    ``table`` is a model that the migration declares with its ``table_name`` and the new columns
    only; each column is nullable or has a DEFAULT. Existing columns are skipped: on MySQL an
    interrupted migration is applied again.
    """
    meta: Any = table._meta
    have = {column.name for column in db.get_columns(meta.table_name)}
    with db.bind_ctx([table], bind_refs=False, bind_backrefs=False):
        for field in (meta.fields[name] for name in names):
            if field.column_name not in have:
                _add_column(db, meta.table_name, field)
        add_indexes(db, table)


def add_indexes(db: Database, table: type[Model]) -> None:
    """Create those indexes of a migration's model that its table lacks."""
    meta: Any = table._meta
    have = {index.name for index in db.get_indexes(meta.table_name)}
    with db.bind_ctx([table], bind_refs=False, bind_backrefs=False):
        for index in meta.fields_to_index():
            if index._name not in have:
                db.execute(index.clone().safe(False))


def drop_indexes(db: Database, table_name: str, *columns: tuple[str, ...]) -> None:
    """Drop the non-unique indexes on exactly these columns; missing ones are skipped."""
    for index in db.get_indexes(table_name):
        if tuple(index.columns) in columns and not index.unique:
            on = f" ON {_quoted(db, table_name)}" if isinstance(db, MySQLDatabase) else ""
            db.execute_sql(f"DROP INDEX {_quoted(db, index.name)}{on}")


def drop_columns(db: Database, table_name: str, *names: str) -> None:
    """Drop columns with their indexes and references; missing columns are skipped.

    Only for files with ``_contract_`` in their name, after the data was carried over. SQLite
    can't drop a column with a reference: there the table has to be rebuilt.
    """
    have = {column.name for column in db.get_columns(table_name)}
    for name in names:
        if name not in have:
            continue
        if isinstance(db, SqliteDatabase):
            for index in db.get_indexes(table_name):
                if name in index.columns:
                    db.execute_sql(f"DROP INDEX {_quoted(db, index.name)}")
        table, column = _quoted(db, table_name), _quoted(db, name)
        if isinstance(db, MySQLDatabase):
            for reference in _references(db, table_name, name):
                db.execute_sql(f"ALTER TABLE {table} DROP FOREIGN KEY {_quoted(db, reference)}")
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")


def _references(db: Database, table_name: str, column: str) -> list[str]:
    """The names of a column's foreign keys; MySQL requires that they are dropped first."""
    rows = db.execute_sql(
        "SELECT constraint_name FROM information_schema.key_column_usage "
        "WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s "
        "AND referenced_table_name IS NOT NULL",
        (table_name, column),
    ).fetchall()
    return [name for (name,) in rows]


def _add_column(db: Database, table_name: str, field: Any) -> None:
    table, column = _quoted(db, table_name), _quoted(db, field.column_name)
    with _bounded((field,) if isinstance(db, SqliteDatabase) else ()):
        ctx = db.get_sql_context()
        sql, params = ctx.sql(field.ddl(ctx)).query()
    target = ""
    if isinstance(field, ForeignKeyField):
        other = field.rel_model._meta.table_name
        key = _quoted(db, field.rel_field.column_name)
        target = f" REFERENCES {_quoted(db, other)} ({key}) ON DELETE {field.on_delete}"
    if target and isinstance(db, MySQLDatabase):  # it ignores REFERENCES beside a column
        target = f", ADD FOREIGN KEY ({column}){target}"
    db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {sql}{target}", params)


def _quoted(db: Database, name: str) -> str:
    return str(db.get_sql_context().sql(Entity(name)).query()[0])


@contextlib.contextmanager
def _bounded(fields: Sequence[Any]) -> Iterator[None]:
    """Within the block, lengths and integer sizes of the fields are CHECK constraints."""
    before = [(field, field.constraints) for field in fields]
    for field, constraints in before:
        column = field.column_name
        if isinstance(field, CharField):
            rule = f'length("{column}") <= {field.max_length}'
        elif isinstance(field, IntegerField) and not isinstance(field, BigIntegerField):
            rule = f'"{column}" BETWEEN {-_INT_MAX - 1} AND {_INT_MAX}'
        else:
            continue
        field.constraints = [*(constraints or []), Check(rule)]
    try:
        yield
    finally:
        for field, constraints in before:
            field.constraints = constraints


def _history(db: Database) -> Any:
    class SchemaMigration(Model):
        """A migration that was applied to this database."""

        name = CharField(max_length=120, unique=True)
        checksum = CharField(max_length=64)
        applied_at = UtcField()

        class Meta:
            database = db
            table_name = "schema_migration"

    return SchemaMigration


def checksum(path: Path) -> str:
    """SHA-256 of a file's text with line ends normalised to LF."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return hashlib.sha256(text.encode()).hexdigest()


def _missing(history: Any, folder: Path, *, may_be_newer: bool = False) -> list[Any]:
    files = Migration.load_directory(str(folder))
    applied = {row.name: row.checksum for row in history.select()}
    newer = sorted(applied.keys() - {m.name for m in files})
    if may_be_newer and newer:
        log.warning("the database was expanded for a newer release: %s", ", ".join(newer))
        newer = [name for name in newer if CONTRACT in name]
    if newer:
        raise MigrationError(
            f"the database has {', '.join(newer)}, which this program doesn't know: "
            "it belongs to a newer release"
        )
    for migration in files:
        if applied.get(migration.name, known := checksum(Path(migration.path))) != known:
            raise MigrationError(
                f"{migration.name} was changed after it was applied to this database: restore "
                "the file and write a new migration (or, before the first release, begin with "
                "an empty database)"
            )
    todo = [migration for migration in files if migration.name not in applied]
    done = [migration.idx for migration in files if migration.name in applied]
    if todo and done and todo[0].idx < max(done):
        raise MigrationError(f"{todo[0].name} comes before what has been applied already")
    return todo


def _apply(db: Database, history: Any, migration: Any) -> None:
    log.info("migrating: %s", migration.name)
    module = migration.load()
    migrator = SchemaMigrator.from_database(db)
    row = {
        "name": migration.name,
        "checksum": checksum(Path(migration.path)),
        "applied_at": clock.now(),
    }
    if isinstance(db, MySQLDatabase):
        # MySQL commits each DDL statement by itself, so a migration must be repeatable
        module.up(migrator, db)
        history.insert(**row).execute()
        return
    with db.atomic():
        module.up(migrator, db)
        history.insert(**row).execute()


@contextlib.contextmanager
def _locked(url: str, db: Database) -> Iterator[None]:
    """Hold the migration lock; others wait for it, or raise AlreadyRunning on SQLite."""
    if isinstance(db, SqliteDatabase):
        lock = process_lock(url)
        lock.take()
        try:
            yield
        finally:
            lock.release()
        return
    release = _take_server_lock(db)
    try:
        yield
    finally:
        if not db.is_closed():
            db.execute_sql(release).fetchone()


def _take_server_lock(db: Database) -> str:
    """Wait for the engine's named lock; returns the statement that releases it."""
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        try:
            db.execute_sql(f"SELECT pg_advisory_lock({_LOCK_NUMBER})").fetchone()
        except OperationalError as error:
            raise MigrationError(_BUSY) from error
        return f"SELECT pg_advisory_unlock({_LOCK_NUMBER})"
    # names of locks are global to the server, hence the database's name
    name = f"CONCAT('{_LOCK_NAME}.', DATABASE())"
    taken = db.execute_sql(f"SELECT GET_LOCK({name}, {LOCK_SECONDS})").fetchone()[0]
    if taken != 1:
        raise MigrationError(_BUSY)
    return f"SELECT RELEASE_LOCK({name})"
