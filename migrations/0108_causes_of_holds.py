"""A withdrawal that refunds put on hold has a cause; ``hold_reason`` is what a person wrote."""

from __future__ import annotations

from typing import Any

from peewee import BigAutoField, CharField, Model

from kernel.migrate import add_columns


class Withdrawal(Model):
    id = BigAutoField()
    hold_reason = CharField(max_length=80, null=True)
    hold_cause = CharField(max_length=24, null=True)

    class Meta:
        table_name = "withdrawal"


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it takes what still stands among the reasons."""
    add_columns(db, Withdrawal, "hold_cause")
    with db.bind_ctx([Withdrawal], bind_refs=False, bind_backrefs=False), db.atomic():
        by_refund = Withdrawal.hold_reason == "refund"
        Withdrawal.update(hold_reason=None, hold_cause="refund").where(by_refund).execute()
