"""What people did, and what the machine did by itself."""

from __future__ import annotations

from schema.columns import JsonField, Table, UtcField, word


class AuditEntry(Table):
    """Who did what to what, with before and after; personal values masked (操作日志)."""

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
    """What the machine did by itself and a person may want to read (系统事件).

    ``source`` is the part that acted: a periodic job, a task, WeChat's answer, a restore.
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
