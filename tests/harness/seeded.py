"""The demo's data are made once per worker; later shops get the same rows and files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.runtime import Runtime
from app.seed import seed
from domain.promotions.live import clear_cache
from domain.settings import forget_cache
from kernel.store import database
from tests.harness.made_once import AGE_MOST_SECONDS, Rows, fill, rows_of
from tests.harness.pictures import drawn_once


@dataclass(frozen=True)
class _Kept:
    before: dict[str, int]  # rows by table
    rows: Rows
    files: dict[Path, bytes]  # below the uploads
    at: float  # monotonic time when the rows were made


_kept: dict[str, _Kept] = {}  # by database on a server, whose sequences have passed these ids


async def seed_once(runtime: Runtime) -> None:
    """Fill an empty shop as ``app.seed`` does, before its worker runs."""
    store, uploads = runtime.store, runtime.uploads
    url = runtime.config.database
    name = "sqlite" if url.startswith("sqlite") else url
    before = await store.read(_counts)
    kept = _kept.get(name)
    if kept and kept.before == before and time.monotonic() - kept.at < AGE_MOST_SECONDS:
        await store.write(_put, kept, uploads)
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runtime.pictures, "save", drawn_once(runtime.pictures, uploads))
        assert await seed(runtime), "only an empty shop is seeded"
    rows = await store.read(lambda: rows_of(database.obj))
    files = {p.relative_to(uploads): p.read_bytes() for p in uploads.rglob("*") if p.is_file()}
    _kept[name] = _Kept(before, rows, files, time.monotonic())


def _counts() -> dict[str, int]:
    return {table: len(rows) for table, rows in rows_of(database.obj).items()}


def _put(kept: _Kept, uploads: Path) -> Any:
    fill(database.obj, kept.rows)
    for name, content in kept.files.items():
        path = uploads / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    forget_cache()
    clear_cache()
