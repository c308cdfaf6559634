"""Each bill of a day has a row with its state and sums; a difference has an owner and an end.

What the release before read is taken over. While it runs beside this one it stores its readings in
its own table: such a day is read once more.
"""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CharField, IntegerField, Model, fn

from kernel.migrate import add_columns, create_tables

KINDS = {"trade": ("payment", "refund"), "fund": ("transfer",)}
SUMS = {"payment": "paid_fen", "refund": "refunded_fen", "transfer": "sent_fen"}
OPEN = ("ours_only", "theirs_only", "amount_differs")
NULL_ENDS = "UPDATE bill_line SET opened_at = created_at WHERE opened_at IS NULL AND state IN "
ZERO = [SQL("DEFAULT 0")]


class BillDay(Model):
    """New."""

    id = BigAutoField()
    mchid = CharField(max_length=16)
    day = CharField(max_length=10)
    bill = CharField(max_length=8)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'missing'")])
    read_at = BigIntegerField(null=True)
    tried_at = BigIntegerField(null=True)
    fault = CharField(max_length=64, null=True)
    asked_at = BigIntegerField(null=True)
    records = IntegerField(constraints=ZERO)
    paid_fen = BigIntegerField(constraints=ZERO)
    refunded_fen = BigIntegerField(constraints=ZERO)
    sent_fen = BigIntegerField(constraints=ZERO)
    fee_fen = BigIntegerField(null=True)
    booked_paid_fen = BigIntegerField(constraints=ZERO)
    booked_refunded_fen = BigIntegerField(constraints=ZERO)
    booked_sent_fen = BigIntegerField(constraints=ZERO)
    booked_fee_fen = BigIntegerField(null=True)
    waiting_fen = BigIntegerField(constraints=ZERO)
    lines = IntegerField(constraints=ZERO)
    open_lines = IntegerField(constraints=ZERO)
    ended_lines = IntegerField(constraints=ZERO)

    class Meta:
        table_name = "bill_day"
        indexes = ((("mchid", "day", "bill"), True), (("asked_at",), False))


class BillLine(Model):
    """What is read of it, and the new columns."""

    id = BigAutoField()
    bill_day = CharField(max_length=10)
    mchid = CharField(max_length=16)
    kind = CharField(max_length=16)
    state = CharField(max_length=20)
    amount_fen = BigIntegerField(null=True)
    ours_fen = BigIntegerField(null=True)
    opened_at = BigIntegerField(null=True)
    owner = CharField(max_length=64, null=True)
    note = CharField(max_length=200, null=True)
    ended_at = BigIntegerField(null=True)
    ended_how = CharField(max_length=16, null=True)

    class Meta:
        table_name = "bill_line"
        indexes = ((("opened_at",), False),)


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it goes on."""
    create_tables(db, [BillDay])
    add_columns(db, BillLine, "opened_at", "owner", "note", "ended_at", "ended_how")
    db.execute_sql(f"{NULL_ENDS} ('ours_only', 'theirs_only', 'amount_differs', 'closed')")
    db.execute_sql(
        "UPDATE bill_line SET ended_how = 'explained' WHERE state = 'closed' AND ended_how IS NULL"
    )
    db.execute_sql("UPDATE periodic_job SET last_did = NULL WHERE name = 'reconcile'")
    with db.bind_ctx([BillDay, BillLine], bind_refs=False, bind_backrefs=False), db.atomic():
        for mchid, day, read_at in db.execute_sql(
            "SELECT mchid, day, read_at FROM bill_reading"
        ).fetchall():
            _take_over(mchid, day, read_at)


def _take_over(mchid: str, day: str, read_at: int) -> None:
    mine = (BillLine.mchid == mchid) & (BillLine.bill_day == day)
    sums = (fn.COALESCE(fn.SUM(side), 0) for side in (BillLine.amount_fen, BillLine.ours_fen))
    query: Any = BillLine.select(BillLine.kind, BillLine.state, fn.COUNT(BillLine.id), *sums)
    rows = list(query.where(mine).group_by(BillLine.kind, BillLine.state).tuples())
    for bill, kinds in KINDS.items():
        values: dict[str, Any] = {"state": "read", "read_at": read_at, "tried_at": read_at}
        for kind, state, count, theirs, ours in rows:
            if kind not in kinds:
                continue
            _add(values, "lines", count)
            _add(values, SUMS[kind], theirs)
            _add(values, f"booked_{SUMS[kind]}", ours)
            _add(values, "open_lines", count if state in OPEN else 0)
            _add(values, "ended_lines", count if state == "closed" else 0)
            _add(values, "waiting_fen", theirs if state == "in_flight" else 0)
        known = (BillDay.mchid == mchid) & (BillDay.day == day) & (BillDay.bill == bill)
        if not BillDay.select().where(known).exists():
            BillDay.insert(mchid=mchid, day=day, bill=bill, **values).execute()


def _add(values: dict[str, Any], name: str, more: int) -> None:
    values[name] = values.get(name, 0) + int(more)
