"""Migrations: the migrated tables equal the models' tables; each file runs once and in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peewee import DataError, IntegrityError, MySQLDatabase, SqliteDatabase

import models
from kernel import migrate as migrations
from kernel.migrate import FOLDER, MigrationError, checksum, migrate, pending
from kernel.store.factory import make_database, process_lock
from kernel.store.sqlite import AlreadyRunning
from tests.databases import drop, recreate
from tests.introspection import TableShape, actual, table_names, wanted

FIRST = """
from peewee import SQL, BigAutoField, CharField, Model
from kernel.migrate import create_tables

class Thing(Model):
    id = BigAutoField()
    name = CharField(max_length=8)
    class Meta:
        table_name = "thing"

def up(migrator, db):
    create_tables(db, [Thing])
"""
SECOND = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE thing ADD COLUMN size INTEGER DEFAULT 0 NOT NULL")
"""
MORE = """
from peewee import SQL, BigAutoField, CharField, ForeignKeyField, Model
from kernel.migrate import add_columns

class Thing(Model):
    id = BigAutoField()
    name = CharField(max_length=8)
    label = CharField(max_length=5, index=True, constraints=[SQL("DEFAULT 'none'")])
    parent = ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT")
    class Meta:
        table_name = "thing"
        indexes = ((("label", "name"), True),)

def up(migrator, db):
    add_columns(db, Thing, "label", "parent")
"""
BROKEN = """
def up(migrator, db):
    db.execute_sql("INSERT INTO thing (name) VALUES ('half')")
    raise RuntimeError("stop")
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An empty database for this test, on the engine that DATABASE_URL names."""
    asked = os.environ.get("DATABASE_URL", "sqlite")
    if asked.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/migrate.sqlite3"
        return
    own = f"{asked}_migrate_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    recreate(own)
    yield own
    drop(own)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two small migrations."""
    path = tmp_path / "migrations"
    path.mkdir()
    (path / "0001_first.py").write_text(FIRST)
    (path / "0002_second.py").write_text(SECOND)
    return path


def _run(url: str, sql: str) -> list[Any]:
    db = make_database(url)
    try:
        cursor = db.execute_sql(sql)
        return list(cursor.fetchall()) if cursor.description else []
    finally:
        db.close()


def test_the_migrated_tables_are_the_models_tables(url: str) -> None:
    names = [Path(m).stem for m in sorted(os.listdir(FOLDER)) if m[0].isdigit()]
    assert pending(url) == names
    assert migrate(url) == names
    assert pending(url) == []
    assert migrate(url) == []
    db = make_database(url)
    try:
        ours = {table._meta.table_name for table in models.TABLES}
        assert table_names(db) - {"sqlite_sequence"} == ours | {"schema_migration"}
        for table in models.TABLES:
            _agree(db, table)
    finally:
        db.close()


def _agree(db: Any, table: Any) -> None:
    want, have = wanted(table), actual(db, table._meta.table_name)
    if isinstance(db, SqliteDatabase):  # SQLite has one type of integer
        kinds = {"bigint": "int", "bool": "int"}
        columns = {n: (kinds.get(t, t), *rest) for n, (t, *rest) in want.columns.items()}
        want = TableShape(columns, want.indexes, want.references)
    assert have.columns == want.columns, table.__name__
    assert have.references == want.references, table.__name__
    extra = have.indexes - want.indexes
    if isinstance(db, MySQLDatabase):
        # InnoDB gives each foreign key an index where none begins with its column
        columns = {(column,) for column, _, _ in want.references}
        extra = {(cols, unique) for cols, unique in extra if unique or cols not in columns}
        covered = {cols[:1] for cols, _ in have.indexes}
        missing = {
            (cols, unique) for cols, unique in want.indexes - have.indexes
            if unique or cols not in columns or cols not in covered
        }  # fmt: skip
        assert missing == set(), table.__name__
    else:
        assert want.indexes <= have.indexes, table.__name__
    assert extra == set(), table.__name__


def test_mariadb_tables_tell_case_and_emoji_apart_whatever_the_servers_default(url: str) -> None:
    if not url.startswith("mysql"):
        pytest.skip("MariaDB and MySQL only")
    name = url.rsplit("/", 1)[1]
    _run(url, f"ALTER DATABASE {name} CHARACTER SET latin1 COLLATE latin1_swedish_ci")
    migrate(url)
    kinds = _run(
        url,
        "SELECT DISTINCT engine, table_collation FROM information_schema.tables "
        "WHERE table_schema = DATABASE()",
    )
    assert kinds == [("InnoDB", "utf8mb4_bin")]
    columns = _run(
        url,
        "SELECT DISTINCT collation_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND collation_name IS NOT NULL",
    )
    assert columns == [("utf8mb4_bin",)]


def test_a_value_too_long_or_too_big_for_one_engine_is_refused_by_all(url: str) -> None:
    migrate(url)
    db = make_database(url)
    setting: Any = models.Setting
    try:
        with db.bind_ctx([setting]):
            for values in ({"key": "k" * 49}, {"key": "k", "version": 2**31}):
                row = {"value": 1, "updated_at": 1} | values
                with pytest.raises((IntegrityError, DataError)):
                    setting.insert(**row).execute()
            setting.insert(key="长" * 48, value=1, updated_at=1, version=2**31 - 1).execute()
            assert [(s.key, s.updated_by) for s in setting.select()] == [("长" * 48, "system")]
    finally:
        db.close()


def test_an_older_program_may_insert_without_the_columns_that_have_defaults(url: str) -> None:
    migrate(url)
    _run(
        url,
        "INSERT INTO outbox_row (kind, payload, next_at, created_at) VALUES ('x', '{}', 1, 1)",
    )
    assert _run(url, "SELECT state, attempts FROM outbox_row") == [("due", 0)]


def test_migrations_run_in_order_and_once(url: str, folder: Path) -> None:
    assert pending(url, folder) == ["0001_first", "0002_second"]
    assert migrate(url, folder) == ["0001_first", "0002_second"]
    assert migrate(url, folder) == []
    _run(url, "INSERT INTO thing (name) VALUES ('a')")
    assert _run(url, "SELECT name, size FROM thing") == [("a", 0)]
    (folder / "0003_third.py").write_text("def up(migrator, db):\n    pass\n")
    assert pending(url, folder) == ["0003_third"]
    assert migrate(url, folder) == ["0003_third"]
    rows = _run(url, "SELECT name, checksum FROM schema_migration ORDER BY name")
    assert rows == [(p.stem, checksum(p)) for p in sorted(folder.glob("*.py"))]


def test_a_changed_file_is_refused(url: str, folder: Path) -> None:
    migrate(url, folder)
    path = folder / "0001_first.py"
    path.write_text(FIRST.replace("\n", "\r\n"), newline="")
    assert pending(url, folder) == []  # other line ends don't count as a change
    path.write_text(FIRST + "\n# changed\n")
    for step in (pending, migrate):
        with pytest.raises(MigrationError, match="0001_first was changed after"):
            step(url, folder)


def test_a_database_newer_than_the_program_is_not_migrated(url: str, folder: Path) -> None:
    migrate(url, folder)
    (folder / "0002_second.py").unlink()
    with pytest.raises(MigrationError, match=r"0002_second.*newer release"):
        migrate(url, folder)
    assert pending(url, folder) == []  # this release still runs on it


def test_a_database_contracted_by_a_newer_release_is_refused(url: str, folder: Path) -> None:
    (folder / "0002_second.py").rename(folder / "0002_contract_second.py")
    migrate(url, folder)
    (folder / "0002_contract_second.py").unlink()
    for step in (pending, migrate):
        with pytest.raises(MigrationError, match=r"0002_contract_second.*newer release"):
            step(url, folder)


def test_columns_are_added_with_their_default_index_and_reference(url: str, folder: Path) -> None:
    (folder / "0003_more.py").write_text(MORE)
    migrate(url, folder)
    _run(url, "INSERT INTO thing (name) VALUES ('a')")
    assert _run(url, "SELECT label, parent_id, size FROM thing") == [("none", None, 0)]
    db = make_database(url)
    try:
        shape = actual(db, "thing")
        assert shape.columns["label"] == ("varchar", 5, False, "none")
        assert ("parent_id", "thing", "RESTRICT") in shape.references
        assert {(("label",), False), (("label", "name"), True)} <= shape.indexes
        with pytest.raises((IntegrityError, DataError)):
            db.execute_sql("INSERT INTO thing (name, label) VALUES ('b', 'too long')")
        if isinstance(db, MySQLDatabase):  # as after a file that broke off
            db.execute_sql("DELETE FROM schema_migration WHERE name = '0003_more'")
            assert migrate(url, folder) == ["0003_more"]
    finally:
        db.close()


def test_a_file_that_comes_too_late_is_refused(url: str, folder: Path) -> None:
    (folder / "0002_second.py").rename(folder / "0003_second.py")
    migrate(url, folder)
    (folder / "0002_between.py").write_text("def up(migrator, db):\n    pass\n")
    with pytest.raises(MigrationError, match="0002_between comes before"):
        migrate(url, folder)


def test_a_failed_migration_is_not_recorded_and_can_be_repaired(url: str, folder: Path) -> None:
    path = folder / "0003_broken.py"
    path.write_text(BROKEN)
    with pytest.raises(RuntimeError, match="stop"):
        migrate(url, folder)
    assert pending(url, folder) == ["0003_broken"]
    if not url.startswith("mysql"):  # MySQL can't roll back DDL
        assert _run(url, "SELECT name FROM thing") == []
    path.write_text("def up(migrator, db):\n    pass\n")
    assert migrate(url, folder) == ["0003_broken"]


def test_two_migrators_at_once_apply_each_file_once(url: str, folder: Path) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one process; the lock is tested beside this")
    answers: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(migrate(url, folder))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [[], [], ["0001_first", "0002_second"]]


def test_waiting_too_long_for_another_migrator_is_reported(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one process; the lock is tested beside this")
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 1)
    holder = make_database(url)
    migrations._take_server_lock(holder)
    try:
        with pytest.raises(MigrationError, match="another migration"):
            migrate(url, folder)
    finally:
        holder.close()
    assert migrate(url, folder) == ["0001_first", "0002_second"]


def test_a_running_server_on_sqlite_is_not_migrated_under(tmp_path: Path, folder: Path) -> None:
    own = f"sqlite:///{tmp_path}/served.sqlite3"
    lock = process_lock(own)
    lock.take()
    with pytest.raises(AlreadyRunning):
        migrate(own, folder)
    lock.release()
    assert migrate(own, folder) == ["0001_first", "0002_second"]


def test_migrating_does_not_replace_the_process_s_database(
    url: str, folder: Path, db: Any
) -> None:
    from kernel.store import database

    migrate(url, folder)
    assert database.obj is db
    assert isinstance(make_database(f"sqlite:///{folder}/x.sqlite3"), SqliteDatabase)
    assert database.obj is db
