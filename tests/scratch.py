"""The folder in which tests write: in memory where that is possible, gone when they end.

SQLite waits for the disk at every commit, and a suite commits a hundred thousand times. On a file
system in memory (``/dev/shm``) nothing waits. Who gives ``--basetemp`` decides alone; without
room in memory pytest's own folder serves. A run that was killed leaves its folder without
anybody holding its lock, and the next run removes it.

What proves that something outlives a crash is marked ``durable``: its ``tmp_path`` lies on the
disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MEMORY = Path("/dev/shm")
NEEDED_BYTES = 1 << 30
PREFIX = "fenmall-tests-"
YOUNG_SECONDS = 60.0

_held: dict[Path, Any] = {}


def take(memory: Path = MEMORY, needed: int = NEEDED_BYTES) -> Path | None:
    """A new folder there, locked until ``give_back``; None where that can't be or has no room."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return None
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < needed:
        return None
    sweep(memory)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=memory))
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    _held[folder] = lock
    return folder


def give_back(folder: Path) -> None:
    """Remove a folder that was taken."""
    shutil.rmtree(folder, ignore_errors=True)
    _held.pop(folder).close()


def sweep(memory: Path = MEMORY) -> None:
    """Remove what runs left that were killed: their folders are locked by nobody."""
    for folder in memory.glob(f"{PREFIX}*"):
        if folder not in _held and _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Not somebody else's, not just being made, and its lock can be had."""
    import fcntl

    try:
        made = folder.stat()
        if made.st_uid != os.getuid() or time.time() - made.st_mtime < YOUNG_SECONDS:
            return False
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:  # whoever made it was killed before it had a lock
        return True
    except OSError:
        return False
    return True


# --- what tests/conftest.py tells pytest
TAKEN = pytest.StashKey[Path]()


def begin(config: pytest.Config) -> None:
    """Before pytest chooses its folder; workers of xdist are given one below their master's."""
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        folder = take()
        if folder is not None:
            config.stash[TAKEN] = folder
            config.option.basetemp = str(folder / "t")


def end(config: pytest.Config) -> None:
    """The run is over."""
    folder = config.stash.get(TAKEN, None)
    if folder is not None:
        give_back(folder)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """pytest's own; on the disk for a test that is marked ``durable``."""
    if request.node.get_closest_marker("durable") is None:
        yield tmp_path
        return
    folder = take(Path(tempfile.gettempdir()), 0)
    yield folder or tmp_path
    if folder is not None:
        give_back(folder)
