"""The system's own state, and named locks (ADR 0062)."""

from __future__ import annotations

from schema.columns import JsonField, Table, UtcField, word


class SystemState(Table):
    """A state of the system: a check's result, a stop, a hold (系统状态)."""

    key = word(48, unique=True)
    value = JsonField()
    updated_at = UtcField()


class SystemLock(Table):
    """A named lock (系统锁): a transaction locks its row while it decides."""

    name = word(48, unique=True)
