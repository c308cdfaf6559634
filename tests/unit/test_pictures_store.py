"""Picture files: atomic writes, choice by width, and the bound of the poster folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateways.pictures.store import PictureFiles, PosterFiles, write_atomic

A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_write_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x" / "file.jpg"
    write_atomic(target, b"old")

    def fails(self: Path, other: Path) -> None:
        raise OSError("disk")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="disk"):
        write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("wanted", "found"), [(1, 375), (375, 375), (376, 750), (750, 750), (2000, 750)]
)
def test_the_best_file_for_a_width_is_found(tmp_path: Path, wanted: int, found: int) -> None:
    files = PictureFiles(tmp_path)
    for width in (375, 750):
        write_atomic(files.path(A, width, "jpg"), b"")
        write_atomic(files.path(A, width, "webp"), b"")
    assert files.best(A, wanted) == files.path(A, found, "jpg")
    assert files.best(B, wanted) is None


@pytest.mark.parametrize("bad", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_invalid_ids_are_refused_before_disk_access(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError):
        PictureFiles(tmp_path).best(bad, 1)
    with pytest.raises(ValueError):
        PosterFiles(tmp_path).get(bad)
    with pytest.raises(ValueError):
        PosterFiles(tmp_path).put(bad, b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_stored_poster_is_read_back_unchanged(tmp_path: Path) -> None:
    cache = PosterFiles(tmp_path)
    assert cache.get(A) is None
    cache.put(A, b"poster")
    assert cache.get(A) == b"poster"


def test_cleaning_deletes_the_least_recently_used_posters(tmp_path: Path) -> None:
    cache = PosterFiles(tmp_path, max_bytes=10_000)
    for age, key in ((300, A), (200, B), (100, C)):
        cache.put(key, b"x" * 50)
        os.utime(tmp_path / key[:2] / f"{key}.jpg", (1e9 - age, 1e9 - age))
    assert cache.get(A) is not None  # now the most recently used one
    cache.max_bytes = 100
    assert cache.clean() == 1
    assert [cache.get(key) is not None for key in (A, B, C)] == [True, False, True]
    assert cache.clean() == 0


def test_the_folder_exceeds_its_bound_by_at_most_a_sixteenth(tmp_path: Path) -> None:
    cache = PosterFiles(tmp_path, max_bytes=1600)
    for number in range(60):
        cache.put(f"{number:064x}", b"x" * 50)
        total = sum(path.stat().st_size for path in tmp_path.rglob("*.jpg"))
        assert total <= 1700
    assert total >= 1500
