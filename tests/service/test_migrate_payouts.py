"""Migrating a database of before payout bills: no withdrawal is lost or paid twice.

``golden/before_payouts.json`` was made by the verbs of that release: fifteen distributors with
withdrawals in every state.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain import distribution, gate, ledger, payouts
from domain.ledger import member_account
from domain.payments.ports import TransferResult, TransferState
from domain.payouts.answers import fail_refused_bill
from kernel.store import store_for
from models import (
    MoneyCall,
    Payee,
    PayeeFreeze,
    PayeeIncome,
    PayoutBill,
    PayoutLog,
    Withdrawal,
    WithdrawalLog,
)
from tests.factories.distribution import pass_time
from tests.factories.transfers import MCHID, FakeTransfers, forget_leases
from tests.harness import books
from tests.harness.filled import filled_database, rows_of

ROWS = rows_of("before_payouts.json")


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Any]:
    """The former release's database, migrated to today's tables and opened."""
    with filled_database(tmp_path, ROWS, "0001_initial") as database:
        yield database


def test_sentences_of_the_logs_are_codes_with_facts(filled: Any) -> None:
    steps = [*WithdrawalLog.select(), *PayoutLog.select()]
    told = {(step.why, *(step.facts or {}).items()) for step in steps}
    assert {
        ("below_review_limit",), ("first_approval",), ("paused", ("reason", "核实")),
        ("no_result", ("code", "timeout")), ("资料不符",), ("ACCOUNT_FROZEN",),
    } <= told  # fmt: skip
    assert [step.why for step in steps if ": " in step.why] == []


def test_a_bill_keeps_a_code_of_wechat_and_no_words_of_a_person(filled: Any) -> None:
    rejected = {step.bill_id for step in PayoutLog.select() if step.to_state == "rejected"}
    codes = {bill.id: bill.fail_reason for bill in PayoutBill.select()}
    assert rejected
    assert {codes[each] for each in rejected} == {None}
    assert set(codes.values()) == {None, "timeout", "ACCOUNT_FROZEN", "OVERDUE_CLOSE"}


def test_every_withdrawal_keeps_its_state_and_its_money(filled: Any) -> None:
    before = {row["id"]: row for row in ROWS["withdrawal"]}
    assert Counter(row.state for row in Withdrawal.select()) == Counter(
        row["state"] for row in before.values()
    )
    bills = {row.source_id: row for row in PayoutBill.select()}
    approved = {key for key, row in before.items() if row["approved_at"] is not None}
    assert set(bills) == approved
    for key, bill in bills.items():
        old = before[key]
        assert bill.out_bill_no == old["out_bill_no"]
        assert bill.state == {"approved": "made"}.get(old["state"], old["state"])
        if old["sent_at"] is not None:
            assert (bill.net_fen, bill.tax_fen, bill.fee_fen) == (
                old["net_fen"], old["tax_fen"], old["fee_fen"],
            )  # fmt: skip
        if old["request"]:
            assert (bill.mchid, bill.request) == (MCHID, json.loads(old["request"]))
    assert ledger.check_fully().is_clean
    assert list(books._requests_follow_their_bills()) == []
    assert list(books._logs()) == []


def test_every_step_of_a_withdrawal_is_kept(filled: Any) -> None:
    told: Counter[int] = Counter(row["withdrawal_id"] for row in ROWS["withdrawal_log"])
    assert len(told) == len(ROWS["withdrawal"])
    for withdrawal_id, steps in told.items():
        page = distribution.withdrawal_detail(withdrawal_id)
        assert len(page.steps) == steps
        assert [s.at for s in page.steps] == sorted(s.at for s in page.steps)


def test_payees_keep_identity_type_and_income(filled: Any) -> None:
    found = {row.owner_id: row for row in Payee.select()}
    assert set(found) == {row["member_id"] for row in ROWS["distributor"]}
    for old in ROWS["distributor"]:
        new = found[old["member_id"]]
        assert (new.type, new.sealed_identity) == (old["payee_type"], old["sealed_identity"])
        assert new.is_frozen == (old["state"] == "suspended")
        assert new.reviewed_at is None  # a company has to be reviewed before it is paid again
    income = {row.payee_id: (row.gross_fen, row.tax_fen) for row in PayeeIncome.select()}
    assert {found[r["member_id"]].id: (r["gross_fen"], r["tax_fen"])
            for r in ROWS["payee_year"]} == income  # fmt: skip
    assert PayeeFreeze.select().count() == 1


def test_a_refusal_of_an_unfinished_transfer_is_not_final(filled: Any) -> None:
    """Calls of the former release may still arrive at WeChat."""
    under_way = [row.id for row in PayoutBill.select().where(PayoutBill.state == "paying")]
    assert [row.row_id for row in MoneyCall.select()] == under_way
    assert all(gate.has_open_calls("payout", each) for each in under_way)
    for each in under_way:
        assert fail_refused_bill(each, "PARAM_ERROR") == "paying"
        assert payouts.bill_detail(each).uncertain_at is not None


async def test_an_unfinished_withdrawal_continues_and_is_paid_once(filled: Any) -> None:
    store = store_for(filled, lock=False)
    pay = FakeTransfers()
    for row in PayoutBill.select().where(PayoutBill.state.in_(("awaiting_user", "cancelling"))):
        pay.bills[row.out_bill_no] = TransferResult(
            TransferState.SUCCESS, row.out_bill_no, amount_fen=row.net_fen, openid=row.openid
        )
    (bill,) = PayoutBill.select().where(PayoutBill.state == "paying")
    held = ledger.balance(member_account("withdrawing", payouts.bill_detail(bill.id).member_id))
    assert held == bill.gross_fen
    filled.close()
    try:
        await store.write(payouts.check_ledger)
        forget_leases()
        pass_time(days=400)
        await store.write(payouts.check_ledger)
        await payouts.query_due_bills(store, pay)  # type: ignore[arg-type]
        states = await store.read(lambda: Counter(row.state for row in PayoutBill.select()))
    finally:
        await store.close()
    before = Counter(row["state"] for row in ROWS["withdrawal"])
    assert states["paid"] == before["paid"] + before["awaiting_user"] + before["cancelling"]
    assert states["awaiting_user"] == 1
