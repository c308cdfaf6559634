"""Payouts with lost answers, refusals, expiry and repeated notifications of WeChat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain import distribution, ledger, payouts, settings
from domain.ledger import Posting, member_account, merchant_account
from domain.payments.ports import Notification, TransferResult, TransferState
from domain.payouts.queries import due_queries
from kernel import clock
from kernel.errors import Conflict, Refused, Retryable, Unknown
from models import Account, OutboxRow, PayeeIncome, PayNotice, PayoutBill, SystemEvent
from tests.factories.distribution import (
    balances,
    earn,
    make_distributor,
    pass_time,
    ready_for_payouts,
    wallet,
)
from tests.factories.transfers import MCHID, TERMS, FakeTransfers, bill_of, forget_leases

WAIT, SUCCESS, FAIL = TransferState.WAIT_USER_CONFIRM, TransferState.SUCCESS, TransferState.FAIL


def _asked(fen: int = 10_000, earned: int | None = None, **who: Any) -> tuple[int, int]:
    """A distributor and an approved withdrawal."""
    lin = make_distributor(**who)
    earn(lin, earned or fen)
    pass_time(days=2)  # brakes sum today and yesterday, so the sale must be older
    ready_for_payouts()
    return lin, int(distribution.request_withdrawal(lin, fen)["withdrawal_id"])


async def _send(store: Any, pay: FakeTransfers, wd: int) -> Any:
    return await payouts.send_bill(store, pay, TERMS, bill_of(wd))  # type: ignore[arg-type]


async def _poll(store: Any, pay: FakeTransfers) -> int:
    pass_time(hours=1)
    forget_leases()
    return await payouts.query_due_bills(store, pay)  # type: ignore[arg-type]


def _bill(wd: int) -> Any:
    return PayoutBill.get_by_id(bill_of(wd))


def _told(purpose: str) -> list[dict[str, Any]]:
    return [r.payload["facts"] for r in OutboxRow.select() if r.payload.get("purpose") == purpose]


async def test_a_payout_is_sent_confirmed_and_paid(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    assert await _send(store, pay, wd) is None
    view = distribution.withdrawal_detail(wd, lin)
    assert (view.state, view.package_info, view.is_confirmable) == (
        "awaiting_user",
        "package",
        True,
    )
    assert balances(lin) == wallet(withdrawing=10_000)
    assert ledger.balance(merchant_account("wechat_clearing", MCHID)) == -100_000
    pay.becomes(SUCCESS)
    assert await _poll(store, pay) == 1
    assert distribution.withdrawal_detail(wd).state == "paid"
    assert balances(lin) == wallet()
    assert ledger.balance(merchant_account("wechat_clearing", MCHID)) == -90_000
    assert _told("withdrawal_paid")[0]["fen"] == 10_000
    assert distribution.distributor_figures(lin).withdrawn_fen == 10_000
    assert await _poll(store, pay) == 0
    assert ledger.check_fully().is_clean


async def test_fee_and_tax_are_booked_only_when_paid(store: Any) -> None:
    settings.change(
        settings.Distribution,
        {
            "withdraw_fee_bp": 60,
            "withdraw_max_fen": 100_000,
            "review_from_fen": 200_000,
        },
    )
    lin, wd = _asked(100_000)
    pay = FakeTransfers()
    await _send(store, pay, wd)
    assert pay.requests[0].amount_fen == 95_400
    assert ledger.balance(merchant_account("tax_payable")) == 0
    year = PayeeIncome.get()
    assert (year.gross_fen, year.tax_fen) == (100_000, 4_000)
    pay.becomes(SUCCESS)
    await _poll(store, pay)
    assert ledger.balance(merchant_account("tax_payable")) == 4_000
    assert ledger.balance(merchant_account("fee_income")) == 600
    assert balances(lin) == wallet()
    paper = payouts.payee_years(year.year)
    assert [(p.member_id, p.gross_fen, p.tax_fen) for p in paper] == [(lin, 100_000, 4_000)]


async def test_the_months_second_payout_is_taxed_with_the_first(store: Any) -> None:
    lin, first = _asked(50_000, earned=100_000)
    pay = FakeTransfers()
    settings.change(settings.Distribution, {"review_from_fen": 200_000})
    for staff in ("staff:1", "staff:2"):
        distribution.approve_withdrawal(first, staff)
    await _send(store, pay, first)
    pay.becomes(SUCCESS)
    await _poll(store, pay)
    assert _bill(first).tax_fen == 0
    assert distribution.withdrawal_preview(lin, 50_000).tax_fen == 4_000
    second = distribution.request_withdrawal(lin, 50_000)["withdrawal_id"]
    await _send(store, FakeTransfers(), second)
    assert _bill(second).tax_fen == 4_000
    assert PayeeIncome.get().tax_fen == 4_000


async def test_a_failed_payout_is_returned_and_removed_from_the_year_s_income(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers(first_state=TransferState.PROCESSING)
    await _send(store, pay, wd)
    assert distribution.withdrawal_detail(wd).state == "paying"
    pay.becomes(FAIL, "ACCOUNT_FROZEN")
    await _poll(store, pay)
    view = distribution.withdrawal_detail(wd)
    assert (view.state, view.fail_reason) == ("returned", "ACCOUNT_FROZEN")
    assert [s.to_state for s in view.steps][-2:] == ["failed", "returned"]
    assert balances(lin) == wallet(available=10_000)
    assert PayeeIncome.get().gross_fen == 0
    assert _told("withdrawal_returned")[0]["state"] == "failed"
    assert ledger.check_fully().is_clean


async def test_an_unconfirmed_payout_expires_and_can_be_requested_again(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await _send(store, pay, wd)
    pay.becomes(FAIL, "OVERDUE_CLOSE")
    await _poll(store, pay)
    assert [s.to_state for s in distribution.withdrawal_detail(wd).steps][-2:] == [
        "expired",
        "returned",
    ]
    again = distribution.request_withdrawal(lin, 10_000)
    assert again["out_bill_no"] != pay.requests[0].out_bill_no


async def test_after_a_lost_answer_the_repeated_request_returns_the_confirmation_page(
    store: Any,
) -> None:
    lin, wd = _asked()
    pay = FakeTransfers(after=[Unknown("timeout")])
    await _send(store, pay, wd)
    assert distribution.withdrawal_detail(wd).state == "paying"
    assert balances(lin) == wallet(withdrawing=10_000)
    await _poll(store, pay)
    view = distribution.withdrawal_detail(wd)
    assert (view.state, view.package_info) == ("awaiting_user", "package")
    assert len(pay.bills) == 1
    assert pay.requests[0] == pay.requests[1]


async def test_a_call_that_never_arrived_is_sent_again_under_its_number(store: Any) -> None:
    _, wd = _asked()
    pay = FakeTransfers(faults=[Unknown("timeout"), Retryable("SYSTEM_ERROR")])
    await _send(store, pay, wd)
    assert await _send(store, pay, wd) is not None  # too early, because a call may be under way
    await _poll(store, pay)
    assert pay.bills == {}
    await _poll(store, pay)
    assert len({r.out_bill_no for r in pay.requests}) == 1
    assert len(pay.requests) == 3
    assert distribution.withdrawal_detail(wd).state == "awaiting_user"


async def test_a_repeated_outbox_row_pays_once(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await asyncio.gather(*(_send(store, pay, wd) for _ in range(5)))
    assert len(pay.requests) == 1
    pay.becomes(SUCCESS)
    result = next(iter(pay.bills.values()))
    outcomes = [await store.write(payouts.receive_transfer, result) for _ in range(3)]
    assert outcomes == ["paid", "same", "same"]
    assert balances(lin) == wallet()


async def test_a_definite_refusal_returns_the_money(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers(faults=[Refused("PARAM_ERROR")])
    await _send(store, pay, wd)
    assert distribution.withdrawal_detail(wd).state == "returned"
    assert balances(lin) == wallet(available=10_000)


async def test_a_refusal_is_not_final_while_wechat_knows_the_number(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers(after=[Refused("ALREADY_EXISTS")])
    await _send(store, pay, wd)
    assert distribution.withdrawal_detail(wd).state == "awaiting_user"
    assert balances(lin) == wallet(withdrawing=10_000)


async def test_a_payout_waits_under_its_number_while_the_balance_at_wechat_is_too_low(
    store: Any,
) -> None:
    lin, wd = _asked()
    pay = FakeTransfers(faults=[Refused("NOT_ENOUGH")])
    await _send(store, pay, wd)
    view = distribution.withdrawal_detail(wd)
    assert (view.state, view.fail_reason) == ("paying", "NOT_ENOUGH")
    await _poll(store, pay)
    view = distribution.withdrawal_detail(wd)
    assert (view.state, view.fail_reason) == ("awaiting_user", None)
    assert pay.requests[0] == pay.requests[1]
    assert balances(lin) == wallet(withdrawing=10_000)


async def test_a_cancelled_transfer_comes_back(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await _send(store, pay, wd)
    assert await payouts.cancel_bill(store, pay, bill_of(wd), "staff:1") == "same"  # type: ignore[arg-type]
    assert distribution.withdrawal_detail(wd).state == "cancelling"
    assert balances(lin) == wallet(withdrawing=10_000)
    pay.becomes(TransferState.CANCELLED)
    await _poll(store, pay)
    assert distribution.withdrawal_detail(wd).state == "returned"
    assert balances(lin) == wallet(available=10_000)


@pytest.mark.parametrize("is_sent", [True, False], ids=["awaits its payee", "never arrived"])
async def test_a_payout_can_be_cancelled_during_the_stop_of_payouts(
    store: Any, is_sent: bool
) -> None:
    """A cancellation returns money, so that no stop applies to it."""
    lin, wd = _asked()
    pay = FakeTransfers(faults=[] if is_sent else [Retryable("busy")])
    await _send(store, pay, wd)
    await store.write(payouts.stop_payouts, "staff:1", "核对")
    said = await payouts.cancel_bill(store, pay, bill_of(wd), "staff:1")  # type: ignore[arg-type]
    if is_sent:
        assert said == "same"
        pay.becomes(TransferState.CANCELLED)
        await _poll(store, pay)
    assert distribution.withdrawal_detail(wd).state in {"returned", "cancelled"}
    assert balances(lin) == wallet(available=10_000)
    assert payouts.payout_stop().is_stopped


async def test_a_payout_confirmed_during_its_cancellation_is_paid(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await _send(store, pay, wd)
    pay.becomes(SUCCESS)
    pay.faults.append(Refused("STATE_ERROR"))
    assert await payouts.cancel_bill(store, pay, bill_of(wd), "staff:1") == "paid"  # type: ignore[arg-type]
    assert balances(lin) == wallet()


@pytest.mark.parametrize(
    "wrong", [{"amount_fen": 9_999}, {"openid": "oSomebody"}, {"mchid": "1900000002"}]
)
async def test_an_answer_that_contradicts_our_row_books_nothing(
    store: Any, wrong: dict[str, Any]
) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await _send(store, pay, wd)
    pay.becomes(SUCCESS, **wrong)
    await _poll(store, pay)
    assert distribution.withdrawal_detail(wd).state == "awaiting_user"
    assert balances(lin) == wallet(withdrawing=10_000)
    assert len(_told("transfer_differs")) == 1


async def test_a_payout_paid_after_its_return_raises_an_alarm_and_is_not_booked(
    store: Any,
) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await _send(store, pay, wd)
    pay.becomes(FAIL, "PAYEE_ACCOUNT_ABNORMAL")
    await _poll(store, pay)
    pay.becomes(SUCCESS)
    outcome = await store.write(payouts.receive_transfer, next(iter(pay.bills.values())))
    assert outcome == "differs"
    assert balances(lin) == wallet(available=10_000)
    assert SystemEvent.select().where(SystemEvent.action == "transfer_contradicts").count() == 1


async def test_a_notification_is_stored_and_booked_once(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await _send(store, pay, wd)
    pay.becomes(SUCCESS)
    notice = Notification(
        "EV-1",
        "MCHTRANSFER.BILL.FINISHED",
        clock.now(),
        '{"x":1}',
        next(iter(pay.bills.values())),
    )
    assert await store.write(payouts.receive_transfer_notice, notice) == "paid"
    assert await store.write(payouts.receive_transfer_notice, notice) == "same"
    assert [(n.outcome, n.content) for n in PayNotice.select()] == [("paid", '{"x":1}')]
    assert balances(lin) == wallet()


async def test_a_notification_with_an_unknown_number_is_not_booked(store: Any) -> None:
    result = TransferResult(SUCCESS, "WD000000NOBODY")
    assert await store.write(payouts.receive_transfer, result) == "unknown"


async def test_ten_parallel_requests_of_one_balance_pay_once(store: Any) -> None:
    settings.change(settings.Distribution, {"withdraw_per_day": 10})
    lin = make_distributor()
    earn(lin, 10_000)
    ready_for_payouts()
    results = await asyncio.gather(
        *(store.write(distribution.request_withdrawal, lin, 10_000) for _ in range(10)),
        return_exceptions=True,
    )
    assert sum(isinstance(r, dict) for r in results) == 1
    assert sum(isinstance(r, Conflict) for r in results) == 9
    assert balances(lin) == wallet(withdrawing=10_000)
    assert ledger.check_fully().is_clean


async def test_the_stop_of_payouts_stops_all_payouts(store: Any) -> None:
    lin, wd = _asked()
    pay = FakeTransfers()
    await store.write(payouts.stop_payouts, "staff:1", "账目核对")
    problem = await _send(store, pay, wd)
    assert problem.code == "payouts_stopped"
    assert pay.requests == []
    assert distribution.withdrawal_detail(wd).state == "approved"
    assert [f["why"] for f in _told("payouts_stopped")] == ["账目核对"]
    await store.write(payouts.resume_payouts, "staff:1")
    assert await payouts.send_waiting(store, pay, TERMS) == 1  # type: ignore[arg-type]
    assert distribution.withdrawal_detail(wd).state == "awaiting_user"
    assert balances(lin) == wallet(withdrawing=10_000)


@pytest.mark.parametrize(
    ("brake", "code"),
    [
        ({"per_hour_fen": 9_999}, "ceiling_per_hour"),
        ({"per_day_fen": 9_999}, "ceiling_per_day"),
        ({"per_person_day_fen": 9_999}, "ceiling_per_person_day"),
    ],
)
async def test_a_payout_above_a_ceiling_waits_and_the_owner_is_told_once(
    store: Any, brake: dict[str, int], code: str
) -> None:
    lin, wd = _asked()
    settings.change(settings.PayoutBrakes, brake)
    pay = FakeTransfers()
    for _ in range(2):
        assert (await _send(store, pay, wd)).code == code
    assert pay.requests == []
    assert [f["code"] for f in _told("payout_braked")] == [code]
    assert balances(lin) == wallet(withdrawing=10_000)
    settings.change(settings.PayoutBrakes, {next(iter(brake)): 10_000})
    assert await _send(store, pay, wd) is None


def _odd_share() -> None:
    """Book commission that is too high a share of sales."""
    pending = member_account("commission_pending", make_distributor("阿慧"))
    odd = Posting("odd", merchant_account("commission_expense"), pending, 1_000_000, "commission")
    ledger.post([odd], "test", 1)


def _odd_book() -> None:
    """Make a balance differ from the sum of its transfers."""
    withdrawing = Account.kind == "withdrawing"
    Account.update(balance_fen=Account.balance_fen + 1).where(withdrawing).execute()
    pass_time(hours=1)


async def test_commission_above_its_share_of_sales_stops_payouts(store: Any) -> None:
    _, wd = _asked()
    _odd_share()
    assert (await _send(store, FakeTransfers(), wd)).code == "commission_share"
    pass_time(days=2)
    payouts.check_ledger()
    assert await _send(store, FakeTransfers(), wd) is None


async def test_a_ledger_with_differences_stops_payouts(store: Any) -> None:
    _, wd = _asked()
    _odd_book()
    pay = FakeTransfers()
    assert (await _send(store, pay, wd)).code == "payouts_stopped"
    assert payouts.payout_stop().is_stopped
    assert payouts.ledger_check().differences != ()
    assert pay.requests == []


@pytest.mark.parametrize(
    ("spoil", "code"), [(_odd_share, "commission_share"), (_odd_book, "payouts_stopped")]
)
async def test_ledger_differences_and_too_much_commission_stop_a_second_call_too(
    store: Any, spoil: Callable[[], None], code: str
) -> None:
    """Before, the poll repeated a call that a first call's checks would have refused."""
    _, wd = _asked()
    pay = FakeTransfers(faults=[Unknown("timeout")])
    assert await _send(store, pay, wd) is None
    assert len(pay.requests) == 1
    forget_leases()
    spoil()
    await _poll(store, pay)
    assert (await _send(store, pay, wd)).code == code
    assert len(pay.requests) == 1


async def test_a_withdrawal_on_hold_is_not_sent(store: Any) -> None:
    _, wd = _asked()
    distribution.pause_withdrawal(wd, "staff:1", "核实")
    pay = FakeTransfers()
    assert (await _send(store, pay, wd)).code == "on_hold"
    assert pay.requests == []


async def test_from_2000_yuan_on_the_encrypted_name_is_sent(store: Any) -> None:
    settings.change(
        settings.Distribution,
        {
            "withdraw_max_fen": 300_000,
            "review_from_fen": 1_000_000,
        },
    )
    settings.change(settings.PayoutBrakes, {"per_person_day_fen": 1_000_000})
    lin = make_distributor(payee_type="company")
    earn(lin, 300_000)
    pass_time(days=2)
    wd = distribution.request_withdrawal(lin, 300_000, "25FP0001")["withdrawal_id"]
    pay = FakeTransfers(after=[Unknown("timeout")])
    await _send(store, pay, wd)
    await _poll(store, pay)
    assert [r.user_name for r in pay.requests] == ["林小山", "林小山"]
    assert "林小山" not in str(_bill(wd).request)


async def test_queries_have_growing_delays(store: Any) -> None:
    _, wd = _asked()
    pay = FakeTransfers(first_state=TransferState.ACCEPTED)
    await _send(store, pay, wd)
    pauses = []
    for _ in range(4):
        row = _bill(wd)
        pauses.append(row.next_query_at - clock.now())
        clock.set_offset(clock.offset() + (row.next_query_at - clock.now()))
        assert await payouts.query_due_bills(store, pay) == 1  # type: ignore[arg-type]
    seconds = [round(p / timedelta(seconds=1)) for p in pauses]
    assert seconds == [5, 10, 30, 60]
    assert due_queries() == []


async def test_a_changed_payee_is_not_paid_under_the_former_tax(store: Any) -> None:
    lin, wd = _asked()
    payouts.set_payee_type(lin, "sole_trader", "staff:1")
    payouts.save_identity(lin, "林小山", "91350100M000100Y43")
    pay = FakeTransfers()
    assert (await _send(store, pay, wd)).code == "payee_changed"
    assert pay.requests == []
    distribution.reject_withdrawal(wd, "staff:1", "收款主体已变更")
    assert balances(lin) == wallet(available=10_000)
