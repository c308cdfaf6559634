"""The logs of payouts and withdrawals keep codes and facts instead of sentences.

Rows are translated. What the release before writes while it runs beside this one stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from peewee import BigAutoField, CharField, Model, TextField

from kernel.migrate import add_columns

WITH_FACT = (
    ("no result: ", "no_result", "code"),
    ("uncertain: ", "uncertain", "code"),
    ("waits: ", "waits", "code"),
    ("not without confirming: ", "confirm_instead", "code"),
    ("taken back there: ", "taken_back_there", "state"),
    ("first: in no bill of ", "in_no_bill", "days"),
    ("NEVER_ARRIVED ", "NEVER_ARRIVED", "days"),
    ("hold: ", "paused", "reason"),
    ("unhold: ", "resumed", "reason"),
)
PLAIN = {
    "first approval": "first_approval", "below the review limit": "below_review_limit",
    "taken back by its owner": "taken_back", "WeChat has it": "at_wechat",
    "known from WeChat": "known_from_wechat", "taken back by refunds": "taken_back_by_refunds",
}  # fmt: skip
OF_CASES = {
    "settled by hand": "settled_by_hand", "goods are back": "goods_back",
    "instead of an exchange": "instead_of_exchange",
}  # fmt: skip


class PayoutLog(Model):
    id = BigAutoField()
    why = CharField(max_length=200)
    facts = TextField(null=True)

    class Meta:
        table_name = "payout_log"


class WithdrawalLog(Model):
    id = BigAutoField()
    why = CharField(max_length=200)
    facts = TextField(null=True)

    class Meta:
        table_name = "withdrawal_log"


class AfterSaleLog(Model):
    id = BigAutoField()
    why = CharField(max_length=200)

    class Meta:
        table_name = "after_sale_log"


class PayoutBill(Model):
    id = BigAutoField()
    note = CharField(max_length=200, null=True)
    fail_reason = CharField(max_length=60, null=True)

    class Meta:
        table_name = "payout_bill"


class Withdrawal(Model):
    id = BigAutoField()
    note = CharField(max_length=200, null=True)

    class Meta:
        table_name = "withdrawal"


class SystemEvent(Model):
    id = BigAutoField()
    action = CharField(max_length=64)
    facts = TextField(null=True)

    class Meta:
        table_name = "system_event"


ALL = (PayoutLog, WithdrawalLog, AfterSaleLog, PayoutBill, Withdrawal, SystemEvent)


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it translates what is still a sentence."""
    add_columns(db, PayoutLog, "facts")
    add_columns(db, WithdrawalLog, "facts")
    with db.bind_ctx(ALL, bind_refs=False, bind_backrefs=False), db.atomic():
        for table in (PayoutLog, WithdrawalLog):
            _translate(table)
        for old, new in OF_CASES.items():
            AfterSaleLog.update(why=new).where(AfterSaleLog.why == old).execute()
        _shorten()


def _translate(table: Any) -> None:
    for old, new in PLAIN.items():
        table.update(why=new).where(table.why == old).execute()
    for row, code, fact, value in _with_fact(table):
        facts = json.dumps({fact: value}, ensure_ascii=False, separators=(",", ":"))
        table.update(why=code, facts=facts).where(table.id == row.id).execute()


def _with_fact(table: Any) -> Iterator[tuple[Any, str, str, str]]:
    for begin, code, fact in WITH_FACT:
        for row in list(table.select().where(table.why.startswith(begin))):
            if row.why.startswith(begin):  # the query takes no account of case everywhere
                yield row, code, fact, row.why.removeprefix(begin)


def _shorten() -> None:
    """Why a bill waits or failed is its code; so is why an event voided commission."""
    for table in (PayoutBill, Withdrawal):
        for row in list(table.select().where(table.note.startswith("waits: "))):
            note = row.note.removeprefix("waits: ")
            table.update(note=note).where(table.id == row.id).execute()
    failed = PayoutBill.fail_reason
    PayoutBill.update(fail_reason="NEVER_ARRIVED").where(
        failed.startswith("NEVER_ARRIVED ")
    ).execute()
    for old in ("taken back by its owner", "taken back by refunds"):
        PayoutBill.update(fail_reason=PLAIN[old]).where(failed == old).execute()
    for row in list(SystemEvent.select().where(SystemEvent.action == "commission.void")):
        facts = (row.facts or "").replace("suspended or frozen", "suspended_or_frozen")
        if facts != (row.facts or ""):
            SystemEvent.update(facts=facts).where(SystemEvent.id == row.id).execute()
