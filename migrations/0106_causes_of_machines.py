"""What the machine decided by itself has a code: the stop of payouts, the end of a grant and of a
freeze, the differences in the ledger. They were sentences.
"""

from __future__ import annotations

import json
from typing import Any

from peewee import BigAutoField, CharField, Model, TextField

from kernel.migrate import add_columns

ENDS = {"closed here": "closed_here", "other openid": "other_openid"}
RESTORED = "恢复推广资格"
ADOPTED = "恢复备份后补记"
LEDGER = "ledger: "
FOUND = {"faults": "differences", "whole_faults": "whole_differences"}


class PayoutGrant(Model):
    id = BigAutoField()
    end_reason = CharField(max_length=60, null=True)

    class Meta:
        table_name = "payout_grant"


class PayeeFreeze(Model):
    id = BigAutoField()
    lift_reason = CharField(max_length=200, null=True)
    lift_cause = CharField(max_length=24, null=True)

    class Meta:
        table_name = "payee_freeze"


class Withdrawal(Model):
    id = BigAutoField()
    note = CharField(max_length=200, null=True)

    class Meta:
        table_name = "withdrawal"


class SystemState(Model):
    id = BigAutoField()
    key = CharField(max_length=48)
    value = TextField()

    class Meta:
        table_name = "system_state"


class SystemEvent(Model):
    id = BigAutoField()
    action = CharField(max_length=64)
    facts = TextField(null=True)

    class Meta:
        table_name = "system_event"


ALL = (PayoutGrant, PayeeFreeze, Withdrawal, SystemState, SystemEvent)


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it takes what is still a sentence."""
    add_columns(db, PayeeFreeze, "lift_cause")
    with db.bind_ctx(ALL, bind_refs=False, bind_backrefs=False), db.atomic():
        for sentence, code in ENDS.items():
            same = PayoutGrant.end_reason == sentence
            PayoutGrant.update(end_reason=code).where(same).execute()
        lifted = PayeeFreeze.lift_reason == RESTORED
        PayeeFreeze.update(lift_reason=None, lift_cause="restored").where(lifted).execute()
        Withdrawal.update(note=None).where(Withdrawal.note == ADOPTED).execute()
        _states()
        _events()


def _states() -> None:
    for row in list(SystemState.select().where(SystemState.key == "payouts_stop")):
        value = json.loads(row.value)
        if str(value.get("why", "")).startswith(LEDGER):
            said = value["why"].removeprefix(LEDGER)
            value |= {"why": "", "cause": "ledger_differs", "difference": _said(said)}
            _put(row, value)
    for row in list(SystemState.select().where(SystemState.key == "book_check")):
        value = json.loads(row.value)
        new = {now: [_said(each) for each in value.get(old, ())] for old, now in FOUND.items()}
        if not value.keys() & new.keys():
            _put(row, value | new)


def _events() -> None:
    for row in list(SystemEvent.select().where(SystemEvent.action == "payouts.stop")):
        why = str(json.loads(row.facts or "{}").get("why", ""))
        if why.startswith(LEDGER):
            facts = {"cause": "ledger_differs", "said": why.removeprefix(LEDGER)}
            SystemEvent.update(facts=_text(facts)).where(SystemEvent.id == row.id).execute()


def _said(sentence: str) -> dict[str, Any]:
    return {"code": "said_before", "facts": [["said", sentence]]}


def _put(row: SystemState, value: dict[str, Any]) -> None:
    SystemState.update(value=_text(value)).where(SystemState.id == row.id).execute()


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
