"""Settings, audit, the outbox, periodic jobs and the clock's offset."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, state, word


class Setting(Table):
    """A switch that the merchant changes while the shop runs (设置)."""

    key = word(48, unique=True)
    value = JsonField()
    version = IntegerField(default=1)
    updated_at = UtcField()
    updated_by = word(64, default="system")


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
        indexes = ((("target_type", "target_id", "id"), False), (("actor", "id"), False))


class OutboxRow(Table):
    """A consequence that leaves the transaction; the queue itself (发件箱)."""

    kind = word(48)
    payload = JsonField()
    order_key = word(64, null=True)
    state = state("due")  # due, leased, done, dead, skipped
    attempts = IntegerField(default=0)
    next_at = UtcField()
    leased_until = UtcField(null=True)
    leased_by = word(48, null=True)
    last_error = TextField(null=True)
    request_id = word(36, null=True)
    created_at = UtcField()
    done_at = UtcField(null=True)

    class Meta:
        indexes = ((("state", "next_at", "id"), False), (("order_key", "state", "id"), False))


class PeriodicJob(Table):
    """Work that comes round again; claimed like an outbox row (定时任务)."""

    name = word(48, unique=True)
    due_at = UtcField(index=True)
    leased_until = UtcField(null=True)
    leased_by = word(48, null=True)
    last_ran_at = UtcField(null=True)
    last_result = word(200, null=True)
    failures = IntegerField(default=0)


class ClockOffset(Table):
    """How far business time is moved; the single row has id 1."""

    offset_us = BigIntegerField(default=0)
    is_moved = BooleanField(default=False)
