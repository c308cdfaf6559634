"""The outbox and periodic jobs."""

from __future__ import annotations

from peewee import IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, state, word


class OutboxRow(Table):
    """A task to be executed after its transaction, in the queue (发件箱)."""

    kind = word(48)
    payload = JsonField()
    order_key = word(64, null=True)
    state = state("due")  # due, leased, done, dead, skipped
    attempts = IntegerField(default=0)
    next_at = UtcField()
    leased_until = UtcField(null=True)
    leased_by = word(48, null=True)
    last_error = TextField(null=True)  # a code; kernel.faults
    last_error_facts = JsonField(null=True)
    request_id = word(36, null=True)
    created_at = UtcField()
    done_at = UtcField(null=True)

    class Meta:
        indexes = ((("state", "next_at", "id"), False), (("order_key", "state", "id"), False))


class PeriodicJob(Table):
    """A periodic job; claimed like an outbox row (定时任务)."""

    name = word(48, unique=True)
    due_at = UtcField(index=True)
    leased_until = UtcField(null=True)
    leased_by = word(48, null=True)
    last_ran_at = UtcField(null=True)
    last_did = JsonField(null=True)
    last_result = word(200, null=True)  # the code of the last run's error, if it failed
    last_result_facts = JsonField(null=True)
    failures = IntegerField(default=0)
