"""Whether this process's last writes found no room on the disk; health checks and pages ask.

Only writes know it: a full disk still reads well. And a small write still finds room where a
larger one does not, so that one success is no proof: the last failure must be a while ago.
"""

from __future__ import annotations

import time

from kernel.store.failures import ailment

KEPT_SECONDS = 30.0
_failed_at: list[float] = []


def note(error: BaseException | None) -> None:
    """For stores: how a write ended, None if well."""
    if error is not None:
        if ailment(error) == "disk_full":
            _failed_at[:] = [time.monotonic()]
    elif _failed_at and time.monotonic() - _failed_at[0] > KEPT_SECONDS:
        _failed_at.clear()


def disk() -> str | None:
    """None, or what ails the disk."""
    return "disk_full" if _failed_at else None
