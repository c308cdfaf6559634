"""The audit log of people's actions, and the system's own events (ADR 0068)."""

from __future__ import annotations

from schema.columns import JsonField, Table, UtcField, word


class AuditEntry(Table):
    """A person's action with the values before and after; personal values masked (操作日志)."""

    actor = word(64)
    action = word(64)
    target_type = word(32)
    target_id = word(40)
    before = JsonField(null=True)
    after = JsonField(null=True)
    ip = word(45, null=True)
    request_id = word(36, null=True)
    at = UtcField(index=True)

    class Meta:
        indexes = (
            (("target_type", "target_id", "id"), False),
            (("target_type", "id"), False),
            (("actor", "id"), False),
        )


class SystemEvent(Table):
    """An action of the system itself, for people to read (系统事件).

    ``source`` is the acting part: a periodic job, a task, WeChat's answer, a restore.
    """

    source = word(64)
    action = word(64)
    target_type = word(32)
    target_id = word(40)
    facts = JsonField(null=True)
    ip = word(45, null=True)
    request_id = word(36, null=True)
    at = UtcField(index=True)

    class Meta:
        indexes = (
            (("target_type", "target_id", "id"), False),
            (("target_type", "id"), False),
            (("action", "id"), False),
        )
