"""Withdrawal requests: conditions, decisions, and refunds while a request is open."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution, ledger, payouts, settings
from domain.ledger import Posting, member_account
from domain.ledger.errors import BalanceTooLow
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import AuditEntry, Payee, Withdrawal, WithdrawalLog
from tests.factories.distribution import (
    ID_NUMBER,
    balances,
    earn,
    make_customer,
    make_distributor,
    make_rule,
    ready_for_payouts,
    refund_line,
    release_sale,
    sell,
    wallet,
)
from tests.factories.transfers import put_into


def _ready(fen: int = 10_000, **who: Any) -> int:
    lin = make_distributor(**who)
    earn(lin, fen)
    ready_for_payouts()
    return lin


def _codes(member_id: int, fen: int) -> list[str]:
    return [p.code for p in distribution.withdrawal_preview(member_id, fen).problems]


def test_a_small_request_is_approved_at_once(db: Any) -> None:
    lin = _ready()
    result = distribution.request_withdrawal(lin, 10_000)
    row = Withdrawal.get()
    assert result == {"withdrawal_id": row.id, "out_bill_no": row.out_bill_no}
    assert (row.state, row.approved_by, row.net_fen) == ("approved", "system", 10_000)
    assert balances(lin) == wallet(withdrawing=10_000)
    steps = distribution.withdrawal_detail(row.id, lin).steps
    assert [(s.from_state, s.to_state) for s in steps] == [
        (None, "requested"),
        ("requested", "approved"),
    ]


def test_fee_and_tax_are_shown_before_the_person_confirms(db: Any) -> None:
    settings.change(settings.Distribution, {"withdraw_fee_bp": 60, "withdraw_max_fen": 200_000})
    lin = _ready(200_000)
    view = distribution.withdrawal_preview(lin, 100_000)
    assert (view.gross_fen, view.fee_fen, view.tax_fen, view.net_fen) == (
        100_000,
        600,
        4_000,
        95_400,
    )
    assert (view.tax_method, view.tax_version) == ("ordinary", "ordinary-2019-01")
    assert view.tax_facts["taxable_fen"] == 20_000
    assert view.needs_review
    assert view.problems == ()


@pytest.mark.parametrize(
    ("fen", "code", "error"),
    [
        (99, "below_minimum", Invalid),
        (50_001, "above_maximum", LimitReached),
        (10_001, "balance_too_low", Conflict),
        (-5, "below_minimum", Invalid),
    ],
)
def test_amounts_out_of_bounds_are_refused(
    db: Any, fen: int, code: str, error: type[Exception]
) -> None:
    lin = _ready()
    assert _codes(lin, fen)[0] == code
    with pytest.raises(error, match=code):
        distribution.request_withdrawal(lin, fen)
    assert Withdrawal.select().count() == 0
    assert balances(lin) == wallet(available=10_000)


def test_individuals_cannot_withdraw_before_finance_chose_a_tax_method(db: Any) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    assert _codes(lin, 1_000) == ["tax_method_unset"]
    with pytest.raises(Invalid, match="tax_method_unset"):
        distribution.request_withdrawal(lin, 1_000)
    settings.change(settings.Distribution, {"tax_method": "cumulative"})
    assert _codes(lin, 1_000) == []
    assert AuditEntry.select().where(AuditEntry.action == "setting.change").count() == 1


def test_the_first_payout_needs_an_identity_which_is_sealed(db: Any) -> None:
    lin = make_distributor(identified=False)
    earn(lin, 10_000)
    ready_for_payouts()
    assert _codes(lin, 1_000) == ["identity_missing"]
    payouts.save_identity(lin, "林小山", ID_NUMBER)
    row = Payee.get()
    assert "林小山" not in str(row.sealed_identity)
    assert row.identity_masked == f"林** 5101{'*' * 10}0016"
    assert ID_NUMBER in payouts.decrypted_identity(lin)
    assert _codes(lin, 1_000) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("510101199003070015", "id_number_bad"),
        ("51010119900307001", "id_number_bad"),
        ("510101201803070014", "payee_too_young"),
    ],
)
def test_an_invalid_identity_is_refused(db: Any, number: str, code: str) -> None:
    lin = make_distributor(identified=False)
    with pytest.raises(Invalid, match=code):
        payouts.save_identity(lin, "林小山", number)
    assert Payee.get().sealed_identity is None


def test_a_company_needs_an_invoice_and_no_tax_is_withheld(db: Any) -> None:
    lin = make_distributor(payee_type="company")
    earn(lin, 50_000)
    with pytest.raises(Invalid, match="invoice_missing"):
        distribution.request_withdrawal(lin, 50_000)
    assert Withdrawal.select().count() == 0
    distribution.request_withdrawal(lin, 50_000, "25FP0001")
    row = Withdrawal.get()
    assert (row.tax["method"], row.tax["invoice_no"], row.net_fen) == ("none", "25FP0001", 50_000)


def test_requests_of_a_day_are_limited(db: Any) -> None:
    settings.change(settings.Distribution, {"withdraw_per_day": 2})
    lin = _ready()
    for _ in range(2):
        distribution.request_withdrawal(lin, 1_000)
    with pytest.raises(LimitReached, match="per_day_limit"):
        distribution.request_withdrawal(lin, 1_000)
    distribution.cancel_withdrawal(Withdrawal.get().id, lin)
    distribution.request_withdrawal(lin, 1_000)
    assert balances(lin) == wallet(available=8_000, withdrawing=2_000)


def test_a_large_withdrawal_needs_two_different_people(db: Any) -> None:
    lin = _ready(30_000)
    wd = distribution.request_withdrawal(lin, 30_000)["withdrawal_id"]
    assert Withdrawal.get().state == "requested"
    assert distribution.approve_withdrawal(wd, "staff:1") is False
    assert distribution.withdrawal_detail(wd).needs_second
    with pytest.raises(Conflict, match="same_person"):
        distribution.approve_withdrawal(wd, "staff:1")
    assert Withdrawal.get().state == "requested"
    assert distribution.approve_withdrawal(wd, "staff:2") is True
    row = Withdrawal.get()
    assert (row.state, row.approved_by, row.second_by) == ("approved", "staff:1", "staff:2")


def test_below_the_limit_one_person_approves(db: Any) -> None:
    settings.change(settings.PayoutBrakes, {"second_person_from_fen": 40_000})
    lin = _ready(30_000)
    wd = distribution.request_withdrawal(lin, 30_000)["withdrawal_id"]
    assert distribution.approve_withdrawal(wd, "staff:1") is True


def test_a_rejected_request_returns_the_money_once(db: Any) -> None:
    lin = _ready(30_000)
    wd = distribution.request_withdrawal(lin, 30_000)["withdrawal_id"]
    with pytest.raises(Invalid, match="reason_missing"):
        distribution.reject_withdrawal(wd, "staff:1", "")
    distribution.reject_withdrawal(wd, "staff:1", "资料有误")
    assert Withdrawal.get().state == "returned"
    assert balances(lin) == wallet(available=30_000)
    with pytest.raises(Conflict, match="state_moved"):
        distribution.reject_withdrawal(wd, "staff:1", "再来")
    with pytest.raises(Conflict):
        distribution.approve_withdrawal(wd, "staff:2")
    assert balances(lin) == wallet(available=30_000)
    assert ledger.check_fully().is_clean


def test_nobody_cancels_another_person_s_request(db: Any) -> None:
    lin = _ready()
    wd = distribution.request_withdrawal(lin, 1_000)["withdrawal_id"]
    with pytest.raises(NotFound):
        distribution.cancel_withdrawal(wd, make_distributor("小王"))
    assert Withdrawal.get().state == "approved"


def test_the_requested_amount_cannot_be_requested_again(db: Any) -> None:
    lin = _ready()
    distribution.request_withdrawal(lin, 6_000)
    with pytest.raises(Conflict):
        distribution.request_withdrawal(lin, 6_000)
    assert Withdrawal.select().count() == 1
    held, left = member_account("withdrawing", lin), member_account("available", lin)
    with pytest.raises(BalanceTooLow), db.atomic():
        ledger.post([Posting("x", left, held, 4_001, "withdrawal")], "withdrawal", 1)


def _sale_released(lin: int, fen: int) -> int:
    rule = make_rule(fen, mode="fixed")
    order = sell(make_customer(lin), paid_fen=fen * 10)
    release_sale(order)
    distribution.retire_rule(rule, "staff:1")
    return order


def test_a_refund_holds_an_unsent_withdrawal_and_takes_its_part(db: Any) -> None:
    lin = make_distributor()
    order = _sale_released(lin, 10_000)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 9_000)["withdrawal_id"]
    refund_line(order, 40_000)
    assert balances(lin) == wallet(withdrawing=6_000)
    view = distribution.withdrawal_detail(wd)
    assert (view.is_on_hold, view.hold_cause, view.taken_fen, view.payable_fen) == (
        True,
        "refund",
        3_000,
        6_000,
    )
    assert [v.id for v in distribution.list_withdrawals(on_hold=True)] == [wd]
    distribution.reject_withdrawal(wd, "staff:1", "退款")
    assert balances(lin) == wallet(available=6_000)
    assert ledger.check_fully().is_clean


def test_a_full_refund_ends_the_withdrawal_and_the_rest_becomes_debt(db: Any) -> None:
    lin = make_distributor()
    order = _sale_released(lin, 10_000)
    ready_for_payouts()
    put_into(distribution.request_withdrawal(lin, 4_000)["withdrawal_id"], "paying")
    later = distribution.request_withdrawal(lin, 5_000)["withdrawal_id"]
    refund_line(order, 100_000)
    assert distribution.withdrawal_detail(later).state == "returned"
    assert balances(lin) == wallet(withdrawing=4_000, debt=-4_000)
    assert ledger.check_fully().is_clean


def test_returned_money_pays_the_debt_first(db: Any) -> None:
    lin = make_distributor()
    order = _sale_released(lin, 10_000)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 10_000)["withdrawal_id"]
    put_into(wd, "paying")
    refund_line(order, 30_000)
    assert balances(lin) == wallet(withdrawing=10_000, debt=-3_000)
    put_into(wd, "approved")
    distribution.reject_withdrawal(wd, "staff:1", "撤回")
    assert balances(lin) == wallet(available=7_000)


def test_finance_holds_and_resumes_a_withdrawal(db: Any) -> None:
    lin = _ready()
    wd = distribution.request_withdrawal(lin, 1_000)["withdrawal_id"]
    distribution.pause_withdrawal(wd, "staff:1", "核实身份")
    with pytest.raises(Conflict, match="on_hold"):
        distribution.cancel_withdrawal(wd, lin)
    with pytest.raises(Conflict, match="hold_unchanged"):
        distribution.pause_withdrawal(wd, "staff:1", "再次")
    distribution.resume_withdrawal(wd, "staff:1", "已核实")
    assert not distribution.withdrawal_detail(wd).is_on_hold
    log = [(step.why, step.facts) for step in WithdrawalLog.select().order_by(WithdrawalLog.id)]
    assert log[-2:] == [("paused", {"reason": "核实身份"}), ("resumed", {"reason": "已核实"})]


def test_employees_are_paid_with_their_wages(db: Any) -> None:
    lin = make_distributor(payee_type="employee")
    earn(lin, 10_000)
    wd = distribution.request_withdrawal(lin, 10_000)["withdrawal_id"]
    assert [v.id for v in distribution.list_payroll_withdrawals()] == [wd]
    with pytest.raises(Invalid, match="voucher_missing"):
        distribution.settle_payroll([wd], "staff:1", "")
    assert distribution.settle_payroll([wd], "staff:1", "2026-08 工资表") == 1
    assert balances(lin) == wallet()
    assert ledger.balance(ledger.merchant_account("bank_clearing")) == 10_000
    assert distribution.withdrawal_detail(wd).state == "paid"
    with pytest.raises(Conflict):
        distribution.settle_payroll([wd], "staff:1", "again")
