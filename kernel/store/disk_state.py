"""Remembers whether this process's writes failed because the disk is full, for health checks.

Only writes show it: reads work on a full disk. One success is no proof, because a small write may
still find room where a larger one does not; so the last failure must be ``KEPT_SECONDS`` ago.
"""

from __future__ import annotations

import time

from kernel.store.failures import whole_database_failure

KEPT_SECONDS = 30.0
_failed_at: list[float] = []


def record_write(error: BaseException | None) -> None:
    """Record how a write ended (for stores); None for success."""
    if error is not None:
        if whole_database_failure(error) == "disk_full":
            _failed_at[:] = [time.monotonic()]
    elif _failed_at and time.monotonic() - _failed_at[0] > KEPT_SECONDS:
        _failed_at.clear()


def disk_failure() -> str | None:
    """``disk_full``, or None."""
    return "disk_full" if _failed_at else None
