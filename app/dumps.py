"""Dumps a database into a file and loads it, by each engine's own tools."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kernel.store.factory import make_database

HISTORY = "schema_migration"
"""The table of migrations; its rows are in the manifest and are restored last."""


class BackupError(Exception):
    """A backup or restore failed; the message says why."""


def dump(url: str, target: Path) -> str:
    """Dump one consistent state of a database in use; returns the server's version.

    Raises BackupError.
    """
    engine = urlsplit(url).scheme
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if engine == "sqlite":
        return _dump_sqlite(_path(url), target)
    if engine == "postgresql":
        program = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                   f"--exclude-table-data={HISTORY}", f"--file={target}"]  # fmt: skip
        _run(program, _pg_environment(url))
        return _ask(url, "SHOW server_version")
    name = urlsplit(url).path.lstrip("/")
    program = [_mysql("dump"), *_mysql_options(url), "--single-transaction", "--quick",
               "--hex-blob", "--no-tablespaces", "--skip-lock-tables",
               f"--ignore-table={name}.{HISTORY}", f"--result-file={target}", name]  # fmt: skip
    _run(program, _mysql_environment(url))
    return _ask(url, "SELECT VERSION()")


@contextlib.contextmanager
def loading(url: str, source: Path) -> Iterator[str]:
    """Load a dump; yields the URL of the loaded database for further changes by the block.

    On SQLite this is a temporary file that is renamed after the block, so that a failure leaves
    nothing. Raises BackupError.
    """
    engine = urlsplit(url).scheme
    if engine == "sqlite":
        with _loading_sqlite(_path(url), source) as loaded:
            yield loaded
        return
    if engine == "postgresql":
        program = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
                   "--single-transaction", f"--dbname={urlsplit(url).path.lstrip('/')}",
                   str(source)]  # fmt: skip
        _run(program, _pg_environment(url))
    else:
        program = [_mysql(""), *_mysql_options(url), urlsplit(url).path.lstrip("/")]
        _run(program, _mysql_environment(url), source)
    yield url


def has_tables(url: str) -> bool:
    """Whether a database has any tables."""
    if url.startswith("sqlite") and not _path(url).exists():
        return False
    db = make_database(url)
    try:
        return bool(db.get_tables())
    finally:
        db.close()


def _dump_sqlite(path: Path, target: Path) -> str:
    """Copy by SQLite's online backup in one step, which gives a consistent state."""
    source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = delete")
        (found,) = copy.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise BackupError(f"the copy is damaged: {found}")
    finally:
        copy.close()
        source.close()
    return sqlite3.sqlite_version


@contextlib.contextmanager
def _loading_sqlite(path: Path, source: Path) -> Iterator[str]:
    if path.exists():
        path.unlink()  # an empty file, since it has no tables
    half = path.with_name(path.name + ".restoring")
    shutil.copyfile(source, half)
    try:
        yield f"sqlite:///{half}"
        db = sqlite3.connect(half)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = delete")
        db.close()
        with half.open("rb+") as file:
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        for rest in (half, Path(f"{half}-wal"), Path(f"{half}-shm")):
            rest.unlink(missing_ok=True)


def _path(url: str) -> Path:
    return Path(unquote(url.removeprefix("sqlite:///")))


def _run(program: Sequence[str], environment: dict[str, str], source: Path | None = None) -> None:
    """Run one of the engine's programs; passwords are passed by environment, not as arguments."""
    if shutil.which(program[0]) is None:
        raise BackupError(f"{program[0]} is not installed; it comes with the database's client")
    with contextlib.ExitStack() as stack:
        given = stack.enter_context(source.open("rb")) if source else subprocess.DEVNULL
        done = subprocess.run(  # noqa: S603  # a fixed program, arguments of the configuration
            program, env=os.environ | environment, stdin=given, capture_output=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise BackupError(f"{program[0]} ended with {done.returncode}: {said}")


def _ask(url: str, question: str) -> str:
    db = make_database(url)
    try:
        return str(db.execute_sql(question).fetchone()[0])
    finally:
        db.close()


def _pg_environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    values = {"PGHOST": parts.hostname or "127.0.0.1", "PGPORT": str(parts.port or 5432),
              "PGDATABASE": parts.path.lstrip("/"), "PGUSER": unquote(parts.username or ""),
              "PGPASSWORD": unquote(parts.password or ""), "PGCLIENTENCODING": "UTF8"}  # fmt: skip
    return {name: value for name, value in values.items() if value}


def _mysql(part: str) -> str:
    """MariaDB's name of a program, or MySQL's if only that is installed."""
    ours, theirs = ("mariadb-dump", "mysqldump") if part else ("mariadb", "mysql")
    return ours if shutil.which(ours) or not shutil.which(theirs) else theirs


def _mysql_options(url: str) -> list[str]:
    parts = urlsplit(url)
    options = ["--protocol=tcp", f"--host={parts.hostname or '127.0.0.1'}",
               f"--port={parts.port or 3306}", "--default-character-set=utf8mb4"]  # fmt: skip
    if parts.username:
        options.append(f"--user={unquote(parts.username)}")
    return options


def _mysql_environment(url: str) -> dict[str, str]:
    password = urlsplit(url).password
    return {"MYSQL_PWD": unquote(password)} if password else {}
