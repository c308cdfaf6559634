"""The results of reading WeChat's bills."""

from __future__ import annotations

from peewee import IntegerField, TextField

from schema.columns import FenField, Table, UtcField, state, word


class BillLine(Table):
    """A line of WeChat's bill with our amount and the result of matching (对账)."""

    bill_day = word(10)
    mchid = word(16)
    kind = word(16)  # payment, refund, transfer
    out_number = word(64)
    amount_fen = FenField(null=True)  # WeChat's side
    state = state("matched")  # matched, ours_only, theirs_only, amount_differs, closed
    ours_fen = FenField(null=True)
    fee_fen = FenField(null=True)  # of a refund that was not complete: booked when it is
    closed_by = word(64, null=True)
    closed_reason = word(200, null=True)
    created_at = UtcField()

    class Meta:
        indexes = ((("mchid", "kind", "out_number"), True), (("bill_day", "state"), False))


class BillAside(Table):
    """A record of WeChat's bill that could not be read, for a person to check (未读入的账单行)."""

    bill_day = word(10)
    mchid = word(16)
    bill = word(8)  # trade, fund
    line = IntegerField()  # line number in the file; 0 for the whole file
    digest = word(64)
    content = TextField()
    reason = word(100)
    seen_by = word(64, null=True)
    seen_at = UtcField(null=True)
    created_at = UtcField()

    class Meta:
        indexes = ((("mchid", "bill_day", "bill", "digest"), True), (("seen_at", "id"), False))


class BillReading(Table):
    """A day whose bills of a merchant number were read (已核对账单日)."""

    mchid = word(16)
    day = word(10)
    read_at = UtcField()

    class Meta:
        indexes = ((("mchid", "day"), True),)
