"""Backup and restore (备份, 恢复) of the database and the uploads.

``FILE`` is the database in its engine's own format, ``FILE.tar`` the uploads, ``FILE.json`` the
manifest with versions and SHA-256. None of them contains the installation's secrets. A restored
database starts in hold: see ``domain/hold`` and ``docs/operations.md``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from app import dumps
from app.dumps import BackupError
from domain import after_restore_hold
from domain.clock_offset import load_offset
from domain.settings import forget_cache
from kernel import clock, migrate
from kernel.config import Config
from kernel.crypto import Vault, install_vault
from kernel.store import open_database, store_for
from kernel.store.factory import process_lock

FORMAT = 1
SEAL_CONTEXT = "backup"
LEFT_OUT = ("posters", "exports")
"""Folders below the uploads that no backup needs.

Posters are recreated when missing; exported lists hold personal data and expire within a day.
"""


@dataclass(frozen=True)
class Manifest:
    """The manifest of a backup, to check whether it is complete and fits an installation."""

    engine: str
    server: str
    made_at: str
    migrations: list[list[Any]]
    files: dict[str, dict[str, Any]]
    sealed: str  # can be decrypted only with the secret_key of the backup's data
    format: int = FORMAT


async def backup(config: Config, target: Path) -> str:
    """Write a backup while the shop runs (备份); returns a summary.

    The backup has the state of the moment at which it began. Raises BackupError.
    """
    files = _names(target)
    taken = [str(path) for path in files.values() if path.exists()]
    if taken:
        raise BackupError(f"exists already: {', '.join(taken)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    began, started = clock.now(), asyncio.get_running_loop().time()
    made = await asyncio.to_thread(_write_all, config, files, began)
    size = sum(int(f["bytes"]) for f in made.files.values())
    took = asyncio.get_running_loop().time() - started
    return f"{target}: {made.engine}, {size} bytes in {took:.1f} s, up to {began.isoformat()}"


async def restore(config: Config, source: Path) -> str:
    """Fill an empty database from a backup, in hold (恢复); returns what to do next.

    Raises BackupError; then nothing was written, or the new database must be dropped.
    """
    manifest = _checked(config, source)
    with _sole_process(config.database):
        if await asyncio.to_thread(dumps.has_tables, config.database):
            raise BackupError("the database is not empty: restore into a new one")
        await asyncio.to_thread(_load, config, source, manifest)
    lines = [
        f"restored {manifest.engine} as it was at {manifest.made_at}",
        "the shop is in hold: no payout, refund, release or message leaves, nothing older ships",
        "next: python -m app migrate; start it; then, once the bills of today are out "
        f"(tomorrow from 10:00), python -m app reconcile --since {_day(manifest)}",
        "then look at what it lists, and: python -m app hold lift --reason …",
    ]
    return "\n".join(lines)


def _names(target: Path) -> dict[str, Path]:
    return {
        "database": target,
        "uploads": target.with_name(target.name + ".tar"),
        "manifest": target.with_name(target.name + ".json"),
    }


def _write_all(config: Config, files: dict[str, Path], began: datetime) -> Manifest:
    """Write database, uploads and manifest.

    The database is written first, so that the files that its rows name are in the uploads.
    """
    try:
        migrations = [list(row) for row in migrate.applied(config.database)]
        server = dumps.dump(config.database, files["database"])
        _pack(Path(config.uploads), files["uploads"])
        manifest = Manifest(
            engine=urlsplit(config.database).scheme,
            server=server,
            made_at=began.isoformat(),
            migrations=migrations,
            files={path.name: _facts(path) for name, path in files.items() if name != "manifest"},
            sealed=Vault.from_secret(config.secret_key).seal(b"fenmall", SEAL_CONTEXT),
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
        with _only_mine(files["manifest"]) as out:
            out.write(text.encode())
    except BaseException:
        for path in files.values():
            path.unlink(missing_ok=True)
        raise
    return manifest


def _checked(config: Config, source: Path) -> Manifest:
    """The manifest of a backup, after checking it against files and installation.

    Raises BackupError if the backup is incomplete or does not fit.
    """
    try:
        raw = json.loads(_names(source)["manifest"].read_text(encoding="utf-8"))
        manifest = Manifest(**raw)
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"no manifest beside {source}: {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(f"the backup has form {manifest.format}, this program reads {FORMAT}")
    for name, facts in manifest.files.items():
        path = source.with_name(name)
        if not path.is_file() or _facts(path) != facts:
            raise BackupError(f"{name} is not what the manifest says")
    engine = urlsplit(config.database).scheme
    if engine != manifest.engine:
        raise BackupError(f"a {manifest.engine} backup can't go into {engine}")
    vault = Vault.from_secret(config.secret_key, config.previous_secret_key)
    try:
        vault.unseal(manifest.sealed, SEAL_CONTEXT)
    except Exception as error:
        raise BackupError(
            "secret_key is not the one of this backup: names, addresses and one-time codes "
            "could not be read"
        ) from error
    install_vault(vault)
    return manifest


def _load(config: Config, source: Path, manifest: Manifest) -> None:
    """Load data, hold and migration history, in this order.

    Without its history no process starts on a half-loaded database.
    """
    url = config.database
    _unpack(_names(source)["uploads"], Path(config.uploads))
    with dumps.loading(url, source) as loaded_url:
        _begin_hold(loaded_url, manifest)
        if not url.startswith("sqlite"):
            migrate.set_applied(url, [(n, c, int(at)) for n, c, at in manifest.migrations])


def _begin_hold(url: str, manifest: Manifest) -> None:
    async def run() -> None:
        store = store_for(open_database(url), lock=False)
        try:
            clock.set_offset(await store.read(load_offset))
            forget_cache()
            await store.write(
                after_restore_hold.begin_hold,
                f"restored from a backup of {manifest.made_at}",
                datetime.fromisoformat(manifest.made_at),
            )
        finally:
            await store.close()

    asyncio.run(run())


def _day(manifest: Manifest) -> str:
    return clock.business_day(datetime.fromisoformat(manifest.made_at)).isoformat()


@contextlib.contextmanager
def _sole_process(url: str) -> Iterator[None]:
    """Hold the process lock on SQLite. Raises AlreadyRunning."""
    if not url.startswith("sqlite"):
        yield
        return
    lock = process_lock(url)
    lock.take()
    try:
        yield
    finally:
        lock.release()


def _pack(folder: Path, target: Path) -> None:
    """Write the uploads as a tar. Files are named by content and never change meanwhile."""
    with _only_mine(target) as out, tarfile.open(fileobj=out, mode="w") as tar:
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                inner = path.relative_to(folder)
                if path.is_file() and inner.parts[0] not in LEFT_OUT:
                    with contextlib.suppress(FileNotFoundError):  # a file being replaced
                        tar.add(path, str(inner), recursive=False)


def _unpack(source: Path, folder: Path) -> None:
    """Extract the uploads. Raises BackupError for anything but plain files below the folder."""
    root = folder.resolve()
    with tarfile.open(source) as tar:
        for member in tar:
            path = (root / member.name).resolve()
            if not member.isreg() or not path.is_relative_to(root):
                raise BackupError(f"the uploads hold something that is no file: {member.name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(member)
            assert content is not None  # a regular file has content
            with path.open("wb") as out:
                shutil.copyfileobj(content, out)
            path.chmod(member.mode & 0o644)


def _facts(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


@contextlib.contextmanager
def _only_mine(path: Path) -> Iterator[BinaryIO]:
    """A new file with mode 0600, because it contains personal data."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out


__all__ = ["BackupError", "Manifest", "backup", "restore"]
