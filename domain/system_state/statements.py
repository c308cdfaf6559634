"""Prepared SQL of locks and state."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import SystemLock, SystemState


@prepared
def lock(name: Any) -> Any:
    """The row of a named lock."""
    return SystemLock.select(SystemLock.id).where(SystemLock.name == name)


@prepared
def state(key: Any) -> Any:
    """The state stored under a key."""
    return SystemState.select(SystemState.value).where(SystemState.key == key)
