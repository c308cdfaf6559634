"""The results of reading WeChat's bills."""

from __future__ import annotations

from peewee import IntegerField, TextField

from schema.columns import FenField, JsonField, Table, UtcField, state, word


class BillLine(Table):
    """A line of WeChat's bill with our amount and the result of matching (对账)."""

    bill_day = word(10)
    mchid = word(16)
    kind = word(16)  # payment, refund, transfer
    out_number = word(64, index=True)
    amount_fen = FenField(null=True)  # WeChat's side
    state = state("matched")  # matched, ours_only, theirs_only, amount_differs, closed
    ours_fen = FenField(null=True)
    fee_fen = FenField(null=True)  # of a refund that was not complete: booked when it is
    opened_at = UtcField(null=True)  # since when it is, or first was, a difference
    owner = word(64, null=True)  # who looks after the difference
    note = word(200, null=True)
    ended_at = UtcField(null=True)
    ended_how = word(16, null=True)  # matched_later, gone, booked, explained
    closed_by = word(64, null=True)
    closed_reason = word(200, null=True)
    created_at = UtcField()

    class Meta:
        indexes = (
            (("mchid", "kind", "out_number"), True),
            (("bill_day", "state"), False),
            (("opened_at",), False),
        )


class BillAside(Table):
    """A record of WeChat's bill that could not be read, for a person to check (未读入的账单行)."""

    bill_day = word(10)
    mchid = word(16)
    bill = word(8)  # trade, fund
    line = IntegerField()  # line number in the file; 0 for the whole file
    digest = word(64)
    content = TextField()
    reason = word(100)  # domain.payments.ports.Unreadable
    facts = JsonField(null=True)
    seen_by = word(64, null=True)
    seen_at = UtcField(null=True)
    created_at = UtcField()

    class Meta:
        indexes = ((("mchid", "bill_day", "bill", "digest"), True), (("seen_at", "id"), False))


class BillDay(Table):
    """One of WeChat's two bills of a day: whether it was read, and its sums (账单日)."""

    mchid = word(16)
    day = word(10)
    bill = word(8)  # trade, fund
    state = state("missing")  # missing, read, unreadable
    read_at = UtcField(null=True)
    tried_at = UtcField(null=True)
    fault = word(64, null=True)  # the code of the last try, if it failed
    asked_at = UtcField(null=True)  # a person waits for it to be read
    records = IntegerField(default=0)  # in the bill
    paid_fen = FenField(default=0)  # WeChat's sums of the day's lines
    refunded_fen = FenField(default=0)
    sent_fen = FenField(default=0)
    fee_fen = FenField(null=True)  # unknown for a day that a former release read
    booked_paid_fen = FenField(default=0)  # the book's sums of the same lines
    booked_refunded_fen = FenField(default=0)
    booked_sent_fen = FenField(default=0)
    booked_fee_fen = FenField(null=True)
    waiting_fen = FenField(default=0)  # WeChat's side of what has no result yet
    lines = IntegerField(default=0)
    open_lines = IntegerField(default=0)  # differences
    ended_lines = IntegerField(default=0)

    class Meta:
        indexes = ((("mchid", "day", "bill"), True), (("asked_at",), False))
