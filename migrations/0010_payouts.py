"""Payees, bills and the gate (付款): made from distributors, withdrawals and payee years.

Only expands: the old columns stay until 0011. What was sent and has no end is given an open call,
for nobody knows which calls of the former release may still arrive.
"""

from __future__ import annotations

import json
import time
from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

from kernel.migrate import add_columns, create_tables


class Base(Model):
    """Every table counts up in a BIGINT."""

    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class MoneyCall(Base):
    subject = CharField(max_length=12)
    row_id = BigIntegerField()
    kind = CharField(max_length=12)
    asked_by = CharField(max_length=64)
    entered_at = BigIntegerField()
    left_at = BigIntegerField(null=True)
    answer = CharField(max_length=60, null=True)

    class Meta:
        table_name = "money_call"
        indexes = (
            (("subject", "row_id", "left_at"), False),
            (("left_at",), False),
        )


class Payee(Base):
    owner_kind = CharField(max_length=12, constraints=[SQL("DEFAULT 'member'")])
    owner_id = BigIntegerField()
    type = CharField(max_length=16, constraints=[SQL("DEFAULT 'individual'")])
    sealed_identity = TextField(null=True)
    identity_masked = CharField(max_length=60, null=True)
    identity_at = BigIntegerField(null=True)
    document = CharField(max_length=64, null=True)
    document_at = BigIntegerField(null=True)
    reviewed_at = BigIntegerField(null=True)
    reviewed_by = CharField(max_length=64, null=True)
    review_note = CharField(max_length=200, null=True)
    is_frozen = BooleanField(constraints=[SQL("DEFAULT FALSE")])

    class Meta:
        table_name = "payee"
        indexes = (
            (("owner_kind", "owner_id"), True),
            (("document_at", "reviewed_at"), False),
        )


class PayeeFreeze(Base):
    payee = ForeignKeyField(Payee, backref="+", on_delete="RESTRICT")
    reason = CharField(max_length=200)
    frozen_by = CharField(max_length=64)
    frozen_at = BigIntegerField()
    review_by_at = BigIntegerField()
    appeal = CharField(max_length=500, null=True)
    appealed_at = BigIntegerField(null=True)
    answer = CharField(max_length=500, null=True)
    answered_by = CharField(max_length=64, null=True)
    answered_at = BigIntegerField(null=True)
    lifted_at = BigIntegerField(null=True)
    lifted_by = CharField(max_length=64, null=True)
    lift_reason = CharField(max_length=200, null=True)

    class Meta:
        table_name = "payee_freeze"
        indexes = ((("lifted_at", "review_by_at"), False),)


class PayoutBill(Base):
    source = CharField(max_length=16)
    source_id = BigIntegerField()
    part = IntegerField(constraints=[SQL("DEFAULT 0")])
    payee = ForeignKeyField(Payee, backref="+", on_delete="RESTRICT", index=False)
    tax_class = CharField(max_length=12, constraints=[SQL("DEFAULT 'labour'")])
    mchid = CharField(max_length=16, null=True)
    channel = CharField(max_length=12, constraints=[SQL("DEFAULT 'wechat'")])
    out_bill_no = CharField(max_length=32, unique=True)
    openid = CharField(max_length=64, null=True)
    state = CharField(index=True, max_length=20, constraints=[SQL("DEFAULT 'made'")])
    gross_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    fee_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    tax_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    net_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    tax = TextField(null=True)
    request = TextField(null=True)
    package_info = TextField(null=True)
    transfer_bill_no = CharField(max_length=64, null=True)
    fail_reason = CharField(max_length=60, null=True)
    note = CharField(max_length=200, null=True)
    made_at = BigIntegerField()
    sent_at = BigIntegerField(index=True, null=True)
    paid_at = BigIntegerField(null=True)
    returned_at = BigIntegerField(null=True)
    queries = IntegerField(constraints=[SQL("DEFAULT 0")])
    next_query_at = BigIntegerField(index=True, null=True)
    looked_at = BigIntegerField(null=True)
    uncertain_at = BigIntegerField(index=True, null=True)
    given_up_by = CharField(max_length=64, null=True)

    class Meta:
        table_name = "payout_bill"
        constraints = (Check("gross_fen >= 0"),)
        indexes = (
            (("source", "source_id", "part"), True),
            (("payee", "sent_at"), False),
        )


class PayoutLog(Base):
    bill = ForeignKeyField(PayoutBill, backref="+", on_delete="RESTRICT")
    from_state = CharField(max_length=20, null=True)
    to_state = CharField(max_length=20)
    actor = CharField(max_length=64)
    why = CharField(max_length=200, constraints=[SQL("DEFAULT ''")])
    at = BigIntegerField()

    class Meta:
        table_name = "payout_log"


class PayeeIncome(Base):
    payee = ForeignKeyField(Payee, backref="+", on_delete="RESTRICT", index=False)
    year = IntegerField()
    tax_class = CharField(max_length=12, constraints=[SQL("DEFAULT 'labour'")])
    gross_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])
    tax_fen = BigIntegerField(constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "payee_income"
        indexes = (
            (("payee", "year", "tax_class"), True),
            (("year",), False),
        )


class Refund(Base):
    sent_at = BigIntegerField(index=True, null=True)

    class Meta:
        table_name = "refund"


class BillReading(Base):
    mchid = CharField(max_length=16)
    day = CharField(max_length=10)
    read_at = BigIntegerField()

    class Meta:
        table_name = "bill_reading"
        indexes = ((("mchid", "day"), True),)


TABLES = (BillReading, MoneyCall, Payee, PayeeFreeze, PayoutBill, PayoutLog, PayeeIncome)

# Each moves only what is not there yet: on MySQL a file that broke off is applied again.
PAYEES = """
INSERT INTO payee (owner_kind, owner_id, type, sealed_identity, identity_masked, identity_at,
                   is_frozen)
SELECT 'member', d.member_id, d.payee_type, d.sealed_identity, d.identity_masked, d.identity_at,
       CASE WHEN d.state = 'suspended' THEN TRUE ELSE FALSE END
FROM distributor d
WHERE NOT EXISTS (SELECT 1 FROM payee p WHERE p.owner_kind = 'member' AND p.owner_id = d.member_id)
"""
FREEZES = """
INSERT INTO payee_freeze (payee_id, reason, frozen_by, frozen_at, review_by_at)
SELECT p.id, COALESCE(d.reason, '暂停推广资格'), COALESCE(d.decided_by, 'system'),
       COALESCE(d.decided_at, d.applied_at), COALESCE(d.decided_at, d.applied_at) + 1296000000000
FROM distributor d JOIN payee p ON p.owner_kind = 'member' AND p.owner_id = d.member_id
WHERE d.state = 'suspended'
  AND NOT EXISTS (SELECT 1 FROM payee_freeze f WHERE f.payee_id = p.id)
"""
BILLS = """
INSERT INTO payout_bill (source, source_id, part, payee_id, mchid, channel, out_bill_no, openid,
                         state, gross_fen, fee_fen, tax_fen, net_fen, tax, request, package_info,
                         transfer_bill_no, fail_reason, note, made_at, sent_at, paid_at,
                         returned_at, queries, next_query_at)
SELECT 'commission', w.id, 0, p.id, NULL, w.channel, w.out_bill_no, w.openid,
       CASE WHEN w.state = 'approved' THEN 'made' ELSE w.state END,
       CASE WHEN w.sent_at IS NULL THEN 0 ELSE w.gross_fen - w.taken_fen END,
       CASE WHEN w.sent_at IS NULL THEN 0 ELSE w.fee_fen END,
       CASE WHEN w.sent_at IS NULL THEN 0 ELSE w.tax_fen END,
       CASE WHEN w.sent_at IS NULL THEN 0 ELSE w.net_fen END,
       w.tax, w.request, w.package_info, w.transfer_bill_no, w.fail_reason, w.note,
       w.approved_at, w.sent_at, w.paid_at, w.returned_at, w.queries, w.next_query_at
FROM withdrawal w JOIN payee p ON p.owner_kind = 'member' AND p.owner_id = w.member_id
WHERE w.approved_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM payout_bill b WHERE b.out_bill_no = w.out_bill_no)
"""
FIRST_STEPS = """
INSERT INTO payout_log (bill_id, from_state, to_state, actor, why, at)
SELECT b.id, NULL, 'made', 'system', '', b.made_at FROM payout_bill b
WHERE NOT EXISTS (SELECT 1 FROM payout_log o WHERE o.bill_id = b.id AND o.from_state IS NULL)
"""
LOGS = """
INSERT INTO payout_log (bill_id, from_state, to_state, actor, why, at)
SELECT b.id, CASE WHEN l.from_state = 'approved' THEN 'made' ELSE l.from_state END,
       l.to_state, l.actor, l.why, l.at
FROM withdrawal_log l
JOIN payout_bill b ON b.source = 'commission' AND b.source_id = l.withdrawal_id
WHERE l.from_state <> 'requested' AND l.to_state <> 'approved'
  AND NOT EXISTS (SELECT 1 FROM payout_log o WHERE o.bill_id = b.id AND o.at = l.at
                  AND o.to_state = l.to_state)
ORDER BY l.id
"""
MOVED_LOGS = """
DELETE FROM withdrawal_log WHERE from_state <> 'requested' AND to_state <> 'approved'
AND withdrawal_id IN (SELECT source_id FROM payout_bill WHERE source = 'commission')
"""
INCOME = """
INSERT INTO payee_income (payee_id, year, tax_class, gross_fen, tax_fen)
SELECT p.id, y.year, 'labour', y.gross_fen, y.tax_fen
FROM payee_year y JOIN payee p ON p.owner_kind = 'member' AND p.owner_id = y.member_id
WHERE NOT EXISTS (SELECT 1 FROM payee_income i WHERE i.payee_id = p.id AND i.year = y.year)
"""
OPEN_CALLS = """
INSERT INTO money_call (subject, row_id, kind, asked_by, entered_at)
SELECT 'payout', b.id, 'transfer', 'migration', {now} FROM payout_bill b
WHERE b.state = 'paying' AND b.channel = 'wechat'
  AND NOT EXISTS (SELECT 1 FROM money_call c WHERE c.subject = 'payout' AND c.row_id = b.id)
"""
SENT_REFUNDS = """
UPDATE refund SET sent_at = created_at
WHERE sent_at IS NULL AND (state <> 'created' OR queries > 0 OR last_error IS NOT NULL)
"""
OPEN_REFUNDS = """
INSERT INTO money_call (subject, row_id, kind, asked_by, entered_at)
SELECT 'refund', r.id, 'refund', 'migration', {now} FROM refund r
WHERE r.state = 'created' AND r.sent_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM money_call c WHERE c.subject = 'refund' AND c.row_id = r.id)
"""
SENDS = """
UPDATE outbox_row SET state = 'skipped', last_error = 'replaced: bills are sent now'
WHERE kind = 'withdrawal.send' AND state IN ('due', 'leased')
"""


def up(migrator: Any, db: Any) -> None:
    """Make the tables, move payees, bills, their steps and incomes, and name the merchant."""
    create_tables(db, TABLES)
    add_columns(db, Refund, "sent_at")
    for sql in (PAYEES, FREEZES, BILLS, FIRST_STEPS, LOGS, MOVED_LOGS, INCOME, SENT_REFUNDS):
        db.execute_sql(sql)
    _name_merchants(db)
    now = int(time.time() * 1_000_000)  # the system's: a lease must not wait for a moved clock
    for sql in (OPEN_CALLS, OPEN_REFUNDS):
        db.execute_sql(sql.format(now=now))
    db.execute_sql(SENDS)


def _name_merchants(db: Any) -> None:
    """The merchant number stood in the stored request only; rows are read a page at a time."""
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    page = (
        f"SELECT id, request FROM payout_bill WHERE id > {mark} AND request IS NOT NULL "  # noqa: S608
        "AND mchid IS NULL ORDER BY id LIMIT 500"
    )
    after = 0
    while rows := db.execute_sql(page, (after,)).fetchall():
        for bill_id, request in rows:
            mchid = str(json.loads(request)["mchid"])[:16]
            sql = f"UPDATE payout_bill SET mchid = {mark} WHERE id = {mark}"  # noqa: S608
            db.execute_sql(sql, (mchid, bill_id))
        after = rows[-1][0]
