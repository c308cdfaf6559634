"""What machines remember, and the rows that make deciders take turns."""

from __future__ import annotations

from schema.columns import JsonField, Table, UtcField, word


class SystemState(Table):
    """What the system knows about itself: a check's result, a stop, a hold (系统状态)."""

    key = word(48, unique=True)
    value = JsonField()
    updated_at = UtcField()


class SystemLock(Table):
    """A named lock: its row is held by the one transaction that decides now (系统锁)."""

    name = word(48, unique=True)
