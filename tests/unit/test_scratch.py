"""The tests' folder in memory: created if there is room, deleted afterwards, leftovers swept."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scratch

pytest.importorskip("fcntl", reason="folders are locked where the system has locks")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in place of the file system in memory; at the end no lock in it is held."""
    yield tmp_path
    assert [folder for folder in scratch._held if tmp_path in folder.parents] == []


def _age(folder: Path) -> None:
    old = time.time() - 2 * scratch.YOUNG_SECONDS
    os.utime(folder, (old, old))


def _killed(memory: Path) -> Path:
    """A folder as a killed run leaves it: nobody holds its lock."""
    folder = memory / f"{scratch.PREFIX}killed"
    (folder / "t").mkdir(parents=True)
    (folder / "t" / "big.sqlite3").write_bytes(b"x" * 1000)
    (folder / "lock").touch()
    _age(folder)
    return folder


def test_a_folder_is_created_and_deleted(memory: Path) -> None:
    folder = scratch.take(memory, 0)
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "t").mkdir()
    scratch.give_back(folder)
    assert list(memory.iterdir()) == []


def test_without_room_or_without_memory_no_folder_is_created(memory: Path) -> None:
    assert scratch.take(memory, 1 << 60) is None
    assert scratch.take(memory / "none", 0) is None
    assert list(memory.iterdir()) == []


def test_a_folder_of_a_killed_run_is_deleted_by_the_next_run(memory: Path) -> None:
    left = _killed(memory)
    taken = scratch.take(memory, 0)
    assert taken is not None
    assert not left.exists()
    scratch.give_back(taken)


def test_an_old_folder_without_a_lock_file_is_deleted_too(memory: Path) -> None:
    left = _killed(memory)
    (left / "lock").unlink()
    _age(left)
    scratch.sweep(memory)
    assert not left.exists()


def test_folders_of_running_tests_and_new_folders_are_kept(memory: Path) -> None:
    running = scratch.take(memory, 0)
    assert running is not None
    _age(running)
    held = scratch._held.pop(running)  # as in another process
    young = _killed(memory)
    os.utime(young)
    other = memory / "somebody-else"
    other.mkdir()
    _age(other)
    scratch.sweep(memory)
    assert sorted(memory.iterdir()) == sorted([running, young, other])
    scratch._held[running] = held
    scratch.give_back(running)


@pytest.mark.durable
def test_a_durable_test_s_folder_is_in_the_system_s_folder(tmp_path: Path) -> None:
    assert tmp_path.parent == Path(tempfile.gettempdir())
    assert tmp_path in scratch._held


def test_another_test_s_folder_is_below_pytest_s_base_folder(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert tmp_path.is_relative_to(tmp_path_factory.getbasetemp())
