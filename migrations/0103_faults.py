"""Why a call, a task or a job failed is a code with facts; it was a sentence.

Known sentences are translated. Others are kept as they are, under ``said_before``. What the
release before writes while it runs beside this one stays a sentence, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from peewee import BigAutoField, CharField, Model, TextField

from kernel.migrate import add_columns

CODE = re.compile(r"(-?[A-Za-z0-9_.]{1,100})(?: (.*))?", re.DOTALL)
TYPED = re.compile(r"([A-Z][A-Za-z0-9_]*): (.*)", re.DOTALL)
KINDS = {
    "Refused": "refused", "Retryable": "retryable", "Unknown": "unknown",
    "GatewayError": "gateway",
    "DomainError": "rule", "Invalid": "rule", "NotFound": "rule", "Forbidden": "rule",
    "Conflict": "rule", "LimitReached": "rule", "Busy": "rule", "LeaseLost": "rule",
}  # fmt: skip
SENTENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "succeeded after it was settled by hand": ("succeeded_after_by_hand", {}),
    "its worker disappeared": ("worker_lost", {}),
    "held after a restore": ("held_after_restore", {"kind": "waits"}),
    "quiet hours": ("quiet_hours", {"kind": "waits"}),
}
Stored = tuple[str, dict[str, Any]]


class Payment(Model):
    id = BigAutoField()
    last_error = CharField(max_length=200, null=True)
    last_error_facts = TextField(null=True)

    class Meta:
        table_name = "payment"


class Refund(Model):
    id = BigAutoField()
    last_error = CharField(max_length=200, null=True)
    last_error_facts = TextField(null=True)

    class Meta:
        table_name = "refund"


class OutboxRow(Model):
    id = BigAutoField()
    last_error = TextField(null=True)
    last_error_facts = TextField(null=True)

    class Meta:
        table_name = "outbox_row"


class PeriodicJob(Model):
    id = BigAutoField()
    last_result = CharField(max_length=200, null=True)
    last_result_facts = TextField(null=True)

    class Meta:
        table_name = "periodic_job"


class AfterSaleLog(Model):
    id = BigAutoField()
    to_state = CharField(max_length=20)
    why = CharField(max_length=200)

    class Meta:
        table_name = "after_sale_log"


class SystemEvent(Model):
    id = BigAutoField()
    action = CharField(max_length=64)
    facts = TextField(null=True)

    class Meta:
        table_name = "system_event"


ALL = (Payment, Refund, OutboxRow, PeriodicJob, AfterSaleLog, SystemEvent)


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it translates what has no facts yet."""
    for table in (Payment, Refund, OutboxRow):
        add_columns(db, table, "last_error_facts")
    add_columns(db, PeriodicJob, "last_result_facts")
    with db.bind_ctx(ALL, bind_refs=False, bind_backrefs=False), db.atomic():
        for table in (Payment, Refund):
            _translate(table, "last_error", of_call)
        _translate(OutboxRow, "last_error", of_task)
        _translate(PeriodicJob, "last_result", of_task)
        _shorten_logs()


def of_call(text: str) -> Stored:
    """The code of a call about a payment or refund, and what stands beside it."""
    if text in SENTENCES:
        return SENTENCES[text]
    if text.startswith("waits: "):
        return text.removeprefix("waits: "), {"kind": "waits"}
    if text.startswith("mismatch "):
        return "mismatch", {"facts": {"field": text.removeprefix("mismatch ")}}
    if text.startswith("not closed: "):
        code, parts = _coded(text.removeprefix("not closed: "))
        return code, parts | {"facts": {"call": "close"}}
    return _coded(text.removeprefix("uncertain: "))


def of_task(text: str) -> Stored:
    """The code of a task's or job's fault, and what stands beside it."""
    found = TYPED.fullmatch(text)
    if text in SENTENCES or found is None:
        return SENTENCES.get(text) or _coded(text)
    if found[1] not in KINDS:
        return "bug", _filled(kind="bug", said=found[2], facts={"error": found[1]})
    code, parts = _coded(found[2])
    return code, {"kind": KINDS[found[1]]} | parts


def _coded(text: str) -> Stored:
    found = CODE.fullmatch(text)
    if found is None:
        return "said_before", {"said": text}
    return found[1], _filled(said=found[2])


def _filled(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value}


def _translate(table: Any, column: str, read: Callable[[str], Stored]) -> None:
    name = f"{column}_facts"
    field, facts = getattr(table, column), getattr(table, name)
    for row in list(table.select().where(field.is_null(False) & facts.is_null())):
        code, parts = read(getattr(row, column))
        values = {column: code, name: _text(parts) if parts else None}
        table.update(**values).where(table.id == row.id).execute()


def _shorten_logs() -> None:
    """A refund that WeChat could not make: its code, and beside it what WeChat said."""
    abnormal = AfterSaleLog.to_state == "abnormal"
    for row in list(AfterSaleLog.select().where(abnormal & (AfterSaleLog.why != ""))):
        found = CODE.fullmatch(row.why)
        if found is not None and found[2]:
            AfterSaleLog.update(why=found[1]).where(AfterSaleLog.id == row.id).execute()
    for row in list(SystemEvent.select().where(SystemEvent.action == "refund.abnormal")):
        facts = json.loads(row.facts or "{}")
        found = CODE.fullmatch(str(facts.get("why", "")))
        if found is not None and found[2]:
            changed = _text(facts | {"why": found[1], "said": found[2]})
            SystemEvent.update(facts=changed).where(SystemEvent.id == row.id).execute()


def _text(parts: dict[str, Any]) -> str:
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
