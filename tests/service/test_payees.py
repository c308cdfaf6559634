"""Payees: review of companies, freezes and appeals, uncertain transfers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import distribution, payouts, reconcile, settings
from domain.gate import Problem
from domain.payments.ports import TransferResult, TransferState
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound, Refused, Unknown
from models import BillDay, OutboxRow, Payee, PayoutBill
from tests.factories.distribution import (
    balances,
    earn,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    pay_sale,
    place_sale,
    ready_for_payouts,
    receive_sale,
    sell,
    wallet,
)
from tests.factories.transfers import MCHID, TERMS, FakeTransfers, bill_of, forget_leases

CODE = "91350100M000100Y43"


def _codes(member_id: int, fen: int = 1_000) -> list[str]:
    return [p.code for p in distribution.withdrawal_preview(member_id, fen).problems]


def _told(purpose: str) -> list[dict[str, Any]]:
    return [r.payload["facts"] for r in OutboxRow.select() if r.payload.get("purpose") == purpose]


# --- companies


@pytest.mark.parametrize("payee_type", ["company", "sole_trader"])
def test_a_company_may_withdraw_only_after_its_licence_was_reviewed(
    db: Any, payee_type: str
) -> None:
    lin = make_distributor(payee_type=payee_type, identified=False)
    earn(lin, 10_000)
    ready_for_payouts()
    assert _codes(lin) == ["identity_missing"]
    payouts.save_identity(lin, "泉州某某商行", CODE)
    assert _codes(lin) == ["document_missing"]
    with pytest.raises(Invalid, match="document_missing"):
        distribution.request_withdrawal(lin, 1_000, "25FP0001")
    payouts.save_document(lin, "a" * 64)
    assert _codes(lin) == ["payee_unreviewed"]
    assert [each.member_id for each in payouts.payees_to_review()] == [lin]
    payouts.review_payee(lin, True, "staff:cai")
    assert _codes(lin) == []
    assert len(_told("payee_approved")) == 1
    assert payouts.payees_to_review() == []


def test_a_refused_licence_can_be_uploaded_again(db: Any) -> None:
    lin = make_distributor(payee_type="company", identified=False)
    with pytest.raises(Invalid, match="identity_missing"):
        payouts.save_document(lin, "a" * 64)
    payouts.save_identity(lin, "泉州某某商行", CODE)
    with pytest.raises(Conflict, match="document_missing"):
        payouts.review_payee(lin, True, "staff:cai")
    payouts.save_document(lin, "a" * 64)
    with pytest.raises(Invalid, match="reason_missing"):
        payouts.review_payee(lin, False, "staff:cai", " ")
    payouts.review_payee(lin, False, "staff:cai", "名称不一致")
    view = payouts.payee_view(lin)
    assert view is not None
    assert (view.document, view.review_note) == (None, "名称不一致")
    assert [f["reason"] for f in _told("payee_refused")] == ["名称不一致"]
    payouts.save_document(lin, "b" * 64)
    payouts.review_payee(lin, True, "staff:cai")
    with pytest.raises(Conflict, match="payee_reviewed"):
        payouts.review_payee(lin, True, "staff:cai")


@pytest.mark.parametrize("change", ["identity", "type"])
def test_a_change_of_identity_or_type_ends_the_review(db: Any, change: str) -> None:
    lin = make_distributor(payee_type="company")
    if change == "identity":
        payouts.save_identity(lin, "另一家商行", CODE)
    else:
        payouts.set_payee_type(lin, "sole_trader", "staff:1")
        payouts.save_identity(lin, "泉州某某商行", CODE)
    assert Payee.get().reviewed_at is None
    assert not {"payee_unreviewed", "document_missing"}.isdisjoint(_codes(lin))


async def test_a_payee_who_changed_after_the_approval_is_not_paid(store: Any) -> None:
    """The gate reads the payee again, so that an ended review stops approved withdrawals."""
    lin = make_distributor(payee_type="company")
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 10_000, "25FP0001")["withdrawal_id"]
    payouts.save_identity(lin, "另一家商行", CODE)
    pay = FakeTransfers()
    problem = await payouts.send_bill(store, pay, TERMS, bill_of(wd))  # type: ignore[arg-type]
    assert isinstance(problem, Problem)
    assert problem.code == "payee_unreviewed"
    assert pay.requests == []


def test_a_person_cannot_upload_a_licence(db: Any) -> None:
    lin = make_distributor()
    with pytest.raises(Conflict, match="document_not_needed"):
        payouts.save_document(lin, "a" * 64)
    with pytest.raises(NotFound, match="payee_missing"):
        payouts.save_document(lin + 999, "a" * 64)


# --- a person's freeze


async def test_a_frozen_payee_is_not_paid(store: Any) -> None:
    """Before, an approved withdrawal of a distributor suspended for fraud was paid."""
    lin = make_distributor()
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 4_000)["withdrawal_id"]
    distribution.suspend_distributor(lin, "staff:1", "刷单")
    pay = FakeTransfers()
    problem = await payouts.send_bill(store, pay, TERMS, bill_of(wd))  # type: ignore[arg-type]
    assert problem is not None
    assert problem.code == "payee_frozen"
    assert await payouts.send_waiting(store, pay, TERMS) == 0  # type: ignore[arg-type]
    assert pay.requests == []
    assert _codes(lin) == ["payee_frozen"]
    assert balances(lin) == wallet(available=6_000, withdrawing=4_000)
    distribution.restore_distributor(lin, "staff:1", "核实无误")
    assert await payouts.send_bill(store, pay, TERMS, bill_of(wd)) is None  # type: ignore[arg-type]
    assert len(pay.requests) == 1


def test_a_frozen_person_earns_and_releases_nothing_until_lifted(db: Any) -> None:
    lin = make_distributor()
    make_rule(1_000, mode="fixed")
    buyer = make_customer(lin)
    before = sell(buyer)
    receive_sale(before)
    between = place_sale(buyer)
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    pay_sale(between)
    sell(buyer)
    assert balances(lin) == wallet(pending=1_000)
    pass_time(days=settings.get(settings.Distribution).freeze_days + 1)
    assert distribution.release_due() == 0
    assert balances(lin) == wallet(pending=1_000)
    payouts.lift_freeze(lin, "staff:cai", "核实无误")
    assert distribution.release_due() == 1
    assert balances(lin) == wallet(available=1_000)
    sell(buyer)
    assert balances(lin) == wallet(available=1_000, pending=1_000)


async def test_a_freeze_between_the_first_call_and_the_next_stops_the_next(store: Any) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 10_000)["withdrawal_id"]
    pay = FakeTransfers(faults=[Unknown("timeout")])
    await payouts.send_bill(store, pay, TERMS, bill_of(wd))  # type: ignore[arg-type]
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    forget_leases()
    pass_time(hours=1)
    payouts.check_ledger()
    await payouts.query_due_bills(store, pay)  # type: ignore[arg-type]
    assert len(pay.requests) == 1


async def test_a_freeze_cancels_a_transfer_that_awaits_confirmation(store: Any) -> None:
    """Before, a frozen payee (冻结) could confirm a transfer that had already been sent."""
    lin, pay, bill = await _sent_and_unconfirmed(store)
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    assert _take_backs() == [bill]
    await payouts.cancel_transfer_of_frozen(store, pay, bill)
    assert payouts.bill_detail(bill).state == "cancelling"
    pay.becomes(TransferState.CANCELLED)
    pass_time(hours=1)
    await payouts.query_due_bills(store, pay)
    assert payouts.bill_detail(bill).state == "returned"
    assert balances(lin) == wallet(available=10_000)


async def test_a_transfer_answered_after_the_freeze_is_cancelled(store: Any) -> None:
    """The call was made before the freeze, and WeChat's answer came after it."""
    lin = make_distributor()
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    bill = bill_of(distribution.request_withdrawal(lin, 10_000)["withdrawal_id"])
    pay: Any = FakeTransfers(after=[Unknown("timeout")])
    await payouts.send_bill(store, pay, TERMS, bill)
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    assert _take_backs() == []
    pass_time(hours=1)
    await payouts.query_due_bills(store, pay)
    assert payouts.bill_detail(bill).state == "awaiting_user"
    assert _take_backs() == [bill]


async def test_a_lifted_freeze_cancels_no_transfer(store: Any) -> None:
    lin, pay, bill = await _sent_and_unconfirmed(store)
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    payouts.lift_freeze(lin, "staff:cai", "核实无误")
    await payouts.cancel_transfer_of_frozen(store, pay, bill)
    assert payouts.bill_detail(bill).state == "awaiting_user"


async def test_a_payee_who_confirmed_before_the_freeze_came_keeps_the_money(store: Any) -> None:
    lin, pay, bill = await _sent_and_unconfirmed(store)
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    pay.becomes(TransferState.SUCCESS)
    pay.faults = [Refused("INVALID_REQUEST", "too late")]
    await payouts.cancel_transfer_of_frozen(store, pay, bill)
    assert payouts.bill_detail(bill).state == "paid"
    assert balances(lin) == wallet()


async def _sent_and_unconfirmed(store: Any) -> tuple[int, Any, int]:
    lin = make_distributor()
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    bill = bill_of(distribution.request_withdrawal(lin, 10_000)["withdrawal_id"])
    pay: Any = FakeTransfers()
    await payouts.send_bill(store, pay, TERMS, bill)
    forget_leases()
    return lin, pay, bill


def _take_backs() -> list[int]:
    rows = OutboxRow.select().where(OutboxRow.kind == "payout.take_back")
    return [int(row.payload["bill_id"]) for row in rows]


def test_freeze_appeal_and_answer(db: Any) -> None:
    lin = make_distributor()
    with pytest.raises(Invalid, match="reason_missing"):
        payouts.freeze_payee(lin, "staff:cai", " ")
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    with pytest.raises(Conflict, match="already_frozen"):
        payouts.freeze_payee(lin, "staff:cai", "再次")
    (notice,) = _told("payee_frozen")
    assert notice["reason"] == "刷单嫌疑"
    with pytest.raises(Invalid, match="appeal_length"):
        payouts.appeal_against_freeze(lin, "冤")
    payouts.appeal_against_freeze(lin, "订单都是老顾客，可以提供记录")
    with pytest.raises(Conflict, match="appeal_waits"):
        payouts.appeal_against_freeze(lin, "再说一次，都是老顾客")
    assert payouts.count_freezes_to_review() == 1
    payouts.answer_appeal(lin, "staff:cai", "记录不全", lifts=False)
    assert payouts.is_frozen(lin)
    with pytest.raises(Conflict, match="appeal_absent"):
        payouts.answer_appeal(lin, "staff:cai", "再答", lifts=True)
    payouts.appeal_against_freeze(lin, "补充了聊天记录，请再看")
    payouts.answer_appeal(lin, "staff:cai", "已核实", lifts=True)
    assert not payouts.is_frozen(lin)
    with pytest.raises(Conflict, match="not_frozen"):
        payouts.lift_freeze(lin, "staff:cai", "多余")
    assert len(_told("payee_lifted")) == 1
    assert payouts.count_freezes_to_review() == 0


def test_an_overdue_freeze_is_counted_for_review(db: Any) -> None:
    lin = make_distributor()
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    assert payouts.count_freezes_to_review() == 0
    pass_time(days=16)
    assert payouts.count_freezes_to_review() == 1


def test_leaving_does_not_end_a_freeze(db: Any) -> None:
    lin = make_distributor()
    distribution.suspend_distributor(lin, "staff:1", "刷单")
    distribution.leave_distribution(lin)
    assert payouts.is_frozen(lin)


# --- uncertain transfers


async def test_an_uncertain_transfer_is_given_up_by_two_people_after_three_days_of_bills(
    store: Any,
) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 10_000)["withdrawal_id"]
    pay = FakeTransfers(faults=[Unknown("timeout")])
    bill = bill_of(wd)
    await payouts.send_bill(store, pay, TERMS, bill)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="not_uncertain"):
        reconcile.give_up_transfer(bill, "staff:cai")
    payouts.freeze_payee(lin, "staff:cai", "刷单嫌疑")
    forget_leases()
    pass_time(hours=1)
    payouts.check_ledger()
    await payouts.query_due_bills(store, pay)  # type: ignore[arg-type]
    sent = clock.business_day(PayoutBill.get_by_id(bill).sent_at)
    with pytest.raises(Conflict, match="bills_unread"):
        reconcile.give_up_transfer(bill, "staff:cai")
    _read_days(sent, 4)
    assert reconcile.give_up_transfer(bill, "staff:cai") is False
    with pytest.raises(Conflict, match="same_person"):
        reconcile.give_up_transfer(bill, "staff:cai")
    assert balances(lin) == wallet(withdrawing=10_000)
    assert reconcile.give_up_transfer(bill, "staff:owner") is True
    assert balances(lin) == wallet(available=10_000)
    pay.bills[PayoutBill.get_by_id(bill).out_bill_no] = _alive(bill)
    outcome = await store.write(payouts.receive_transfer, _alive(bill))
    assert outcome == "alive"  # WeChat pays it after all: alarm, and cancel at WeChat
    assert len(_told("transfer_alive")) == 1
    assert [r.payload for r in OutboxRow.select() if r.kind == "payout.cancel"] == [
        {"bill_id": bill}
    ]
    await payouts.cancel_transfer_of_ended_bill(store, pay, bill)  # type: ignore[arg-type]
    assert next(iter(pay.bills.values())).state is TransferState.CANCELING


def _read_days(first: Any, days: int) -> None:
    for n in range(days):
        day = (first + timedelta(days=n)).isoformat()
        BillDay.create(mchid=MCHID, day=day, bill="fund", state="read", read_at=clock.now())


def _alive(bill: int) -> Any:
    row = PayoutBill.get_by_id(bill)
    return TransferResult(
        TransferState.WAIT_USER_CONFIRM, row.out_bill_no, amount_fen=row.net_fen, mchid=MCHID
    )
