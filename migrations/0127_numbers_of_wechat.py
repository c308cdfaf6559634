"""WeChat's numbers of payments, refunds and transfers, and nicknames, are looked for by index."""

from __future__ import annotations

from typing import Any

from peewee import CharField, Model

from kernel.migrate import add_indexes


class Payment(Model):
    transaction_id = CharField(max_length=40, null=True, index=True)

    class Meta:
        table_name = "payment"


class Refund(Model):
    refund_id = CharField(max_length=40, null=True, index=True)

    class Meta:
        table_name = "refund"


class PayoutBill(Model):
    transfer_bill_no = CharField(max_length=64, null=True, index=True)

    class Meta:
        table_name = "payout_bill"


class Member(Model):
    nickname = CharField(max_length=64, null=True, index=True)

    class Meta:
        table_name = "member"


class BillLine(Model):
    out_number = CharField(max_length=64, index=True)

    class Meta:
        table_name = "bill_line"


def up(_: Any, db: Any) -> None:
    """Five indexes."""
    for table in (Payment, Refund, PayoutBill, Member, BillLine):
        with db.bind_ctx([table], bind_refs=False, bind_backrefs=False):
            add_indexes(db, table)
