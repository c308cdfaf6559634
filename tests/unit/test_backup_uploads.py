"""Which uploads a backup holds."""

from __future__ import annotations

import tarfile
from pathlib import Path

from app.backup import _pack


def test_exported_lists_and_posters_are_not_backed_up(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    for name in ("pictures/a.jpg", "private/ab/cd", "posters/p.png", "exports/ef/gh"):
        path = uploads / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    target = tmp_path / "backup.tar"
    _pack(uploads, target)
    with tarfile.open(target) as tar:
        assert sorted(tar.getnames()) == ["pictures/a.jpg", "private/ab/cd"]
