"""What the machine did by itself leaves the log of people's acts, row by row (系统事件)."""

from __future__ import annotations

import json
from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, Model, TextField

from kernel.migrate import create_tables

AT_ONCE = 500
MACHINES = {"system", "seed", "restore", "wechat", "wechatpay", "visitor", "periodic", "outbox"}
"""Kinds of actors that are no person."""

NEVER_A_PERSONS = {
    "payment.unknown_number", "payment.mismatch", "payment.adopt", "order.payment_returned",
    "refund.unknown_number", "refund.mismatch", "refund.abnormal", "refund.twice",
    "refund.adopt", "refund.found", "commission.void", "withdrawal.adopt", "staff.locked",
    "grant.differs", "grant.active", "grant.closed", "payout_uncertain", "transfer_alive",
    "transfer_differs", "transfer_contradicts",
}  # fmt: skip
"""The machine did these, also while it served somebody's request and the row names that person."""

RETURNED = {"wrong_amount", "late", "duplicate"}
"""Causes of a refund that nobody asked for: the money went back by itself."""

AT_THE_COMMAND_LINE = {"staff.create", "distributor.names_reviewed"}
"""A person did these at the command line, which named nobody then."""

UNNAMED = "operator:unnamed"


class SystemEvent(Model):
    id = BigAutoField()
    source = CharField(max_length=64)
    action = CharField(max_length=64)
    target_type = CharField(max_length=32)
    target_id = CharField(max_length=40)
    facts = TextField(null=True)
    ip = CharField(max_length=45, null=True)
    request_id = CharField(max_length=36, null=True)
    at = BigIntegerField(index=True)

    class Meta:
        table_name = "system_event"
        indexes = (
            (("target_type", "target_id", "id"), False),
            (("target_type", "id"), False),
            (("action", "id"), False),
        )


class AuditEntry(Model):
    id = BigAutoField()
    actor = CharField(max_length=64)
    action = CharField(max_length=64)
    target_type = CharField(max_length=32)
    target_id = CharField(max_length=40)
    before = TextField(null=True)
    after = TextField(null=True)
    ip = CharField(max_length=45, null=True)
    request_id = CharField(max_length=36, null=True)
    at = BigIntegerField()

    class Meta:
        table_name = "audit_entry"


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it moves what is still there."""
    create_tables(db, [SystemEvent])
    with db.bind_ctx([SystemEvent, AuditEntry], bind_refs=False, bind_backrefs=False):
        last = 0
        while True:
            query = AuditEntry.select().where(AuditEntry.id > last).order_by(AuditEntry.id)
            rows = list(query.limit(AT_ONCE))
            if not rows:
                return
            last = rows[-1].id
            _name([row.id for row in rows if _is_at_the_command_line(row)])
            with db.atomic():
                _move([row for row in rows if _is_a_machines(row)])


def _is_at_the_command_line(row: AuditEntry) -> bool:
    return row.actor == "system" and row.action in AT_THE_COMMAND_LINE


def _is_a_machines(row: AuditEntry) -> bool:
    if _is_at_the_command_line(row):
        return False
    if row.action in NEVER_A_PERSONS or row.actor.partition(":")[0] in MACHINES:
        return True
    return row.action == "refund.begin" and _value(row.after).get("cause") in RETURNED


def _name(ids: list[int]) -> None:
    if ids:
        AuditEntry.update(actor=UNNAMED).where(AuditEntry.id.in_(ids)).execute()


def _move(rows: list[AuditEntry]) -> None:
    if not rows:
        return
    SystemEvent.insert_many([_event(row) for row in rows]).execute()
    AuditEntry.delete().where(AuditEntry.id.in_([row.id for row in rows])).execute()


def _event(row: AuditEntry) -> dict[str, Any]:
    is_machine = row.actor.partition(":")[0] in MACHINES
    return {
        "source": row.actor if is_machine else "system", "action": row.action,
        "target_type": row.target_type, "target_id": row.target_id,
        "facts": _facts(row.before, row.after), "ip": row.ip, "request_id": row.request_id,
        "at": row.at,
    }  # fmt: skip


def _facts(before: str | None, after: str | None) -> str | None:
    """One document of both; what was before stands under its name."""
    if before is None:
        return after
    new = None if after is None else json.loads(after)
    rest = new if isinstance(new, dict) else {} if new is None else {"after": new}
    both = {"before": json.loads(before)} | rest
    return json.dumps(both, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _value(text: str | None) -> dict[str, Any]:
    value = None if text is None else json.loads(text)
    return value if isinstance(value, dict) else {}
