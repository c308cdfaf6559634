"""The folder in which tests write: in memory if possible, and removed at the end of the run.

SQLite waits for the disk at every commit, and a run of all tests commits a hundred thousand times.
On a file system in memory (``/dev/shm``) commits do not wait. The folder is pytest's own if
``--basetemp`` is given or memory has too little room. A run that was killed leaves its folder
without a lock; the next run removes it.

Tests that prove that data survive a crash are marked ``durable``: their ``tmp_path`` lies on the
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
    """Make a folder in ``memory``, locked until ``give_back``; None if impossible or too full."""
    try:
        import fcntl
    except ImportError:  # Windows
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
    """Remove a folder of ``take``."""
    shutil.rmtree(folder, ignore_errors=True)
    _held.pop(folder).close()


def sweep(memory: Path = MEMORY) -> None:
    """Remove the folders of killed runs, whose locks are free."""
    for folder in memory.glob(f"{PREFIX}*"):
        if folder not in _held and _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """True for a folder of this user, not just made, whose lock is free."""
    import fcntl

    try:
        made = folder.stat()
        if made.st_uid != os.getuid() or time.time() - made.st_mtime < YOUNG_SECONDS:
            return False
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:  # its run was killed before it made the lock
        return True
    except OSError:
        return False
    return True


# --- called by tests/conftest.py
TAKEN = pytest.StashKey[Path]()


def begin(config: pytest.Config) -> None:
    """Set pytest's folder; xdist gives its workers folders below the controller's."""
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        folder = take()
        if folder is not None:
            config.stash[TAKEN] = folder
            config.option.basetemp = str(folder / "t")


def end(config: pytest.Config) -> None:
    """Remove the folder of the run."""
    folder = config.stash.get(TAKEN, None)
    if folder is not None:
        give_back(folder)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """pytest's ``tmp_path``, or a folder on the disk if the test is marked ``durable``."""
    if request.node.get_closest_marker("durable") is None:
        yield tmp_path
        return
    folder = take(Path(tempfile.gettempdir()), 0)
    yield folder or tmp_path
    if folder is not None:
        give_back(folder)
