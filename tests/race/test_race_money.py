"""Parallel notifications, refunds beside releases of commission, and parallel withdrawals."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from functools import partial
from itertools import chain, count
from typing import Any

import pytest

from domain import aftersales, distribution, ledger, payouts, settings
from domain.aftersales import CaseForm
from domain.distribution.service import release
from domain.gate import Pass, Problem
from domain.ledger import Posting, member_account, merchant_account
from domain.payments.ports import (
    Notification,
    RefundResult,
    RefundState,
    TransferResult,
    TransferState,
)
from domain.payments.refunds import claim_due_refunds, settle_refund
from domain.payments.service import book_notice, claim_due_payments, settle, store_notice
from domain.payouts.brakes import check_ledger_if_due
from domain.settings import forget_cache
from kernel import clock
from kernel.store import is_sqlite
from models import (
    Commission,
    LedgerTransfer,
    Order,
    OutboxRow,
    Payment,
    PayNotice,
    Refund,
    SystemState,
    Withdrawal,
)
from tests.factories.distribution import balances, pass_time, wallet
from tests.factories.orders import Bought, begin, paid_result, placed_order
from tests.factories.transfers import MCHID, TERMS, FakeTransfers, begin_sending, bill_of
from tests.race.crowd import at_once, outcomes
from tests.race.sales import Seller, earner, ready_to_pay_out, thaw

EARNED = 2980


def _transfers(prefix: str) -> int:
    return int(LedgerTransfer.select().where(LedgerTransfer.idem_key.startswith(prefix)).count())


def _kept_and_done(notice: Notification) -> str:
    store_notice(notice)
    return book_notice(notice)


async def test_twenty_parallel_notifications_of_a_payment_book_it_once(store: Any) -> None:
    seller = await store.write(earner)
    bought = await store.write(placed_order, seller.sold[0].member_id)
    number = await store.write(begin, bought)
    paid = paid_result(number, bought.payable_fen)
    notice = Notification("EV-1", "TRANSACTION.SUCCESS", clock.now(), "{}", paid)
    answers = await at_once(store, [partial(_kept_and_done, notice)] * 20)
    assert sorted(answers) == ["already"] * 19 + ["booked"]
    assert await store.read(PayNotice.select().count) == 1
    assert await store.read(_transfers, f"pay:{number}") == 1
    assert await store.read(Refund.select().count) == 0
    earned = Commission.select().where(Commission.order == bought.order_id)
    assert [(row.state, row.amount_fen) for row in await store.read(list, earned)] == [
        ("pending", EARNED)
    ]


async def test_one_of_several_payments_at_once_pays_the_order(store: Any) -> None:
    """The other payments are booked and refunded in full."""
    bought = await store.write(placed_order)
    numbers = await store.write(_attempts, bought, 6)
    answers = await at_once(
        store, [partial(settle, paid_result(n, bought.payable_fen)) for n in numbers]
    )
    assert answers == ["booked"] * 6
    refunds = await store.read(list, Refund.select())
    assert [(r.cause, r.amount_fen) for r in refunds] == [("duplicate", bought.payable_fen)] * 5
    assert (await store.read(Order.get_by_id, bought.order_id)).state == "paid"
    clearing = merchant_account("wechat_clearing", MCHID)
    assert await store.read(ledger.balance, clearing) == -6 * bought.payable_fen


def _attempts(bought: Bought, n: int) -> list[str]:
    numbers = []
    for _ in range(n):
        number = begin(bought)
        Payment.update(expires_at=clock.now()).where(Payment.out_trade_no == number).execute()
        numbers.append(number)
    return numbers


async def test_parallel_pollers_query_each_payment_once(store: Any) -> None:
    bought = await store.write(placed_order)
    numbers = await store.write(_attempts, bought, 8)
    pass_time(minutes=1)
    found = await at_once(store, [claim_due_payments] * 6)
    assert sorted(chain.from_iterable(found)) == sorted(numbers)


async def test_twenty_parallel_results_of_a_refund_book_it_once(store: Any) -> None:
    seller = await store.write(earner)
    (bought,) = seller.sold
    result = await store.write(_refunding, bought, bought.payable_fen)
    answers = await at_once(store, [partial(settle_refund, result)] * 20)
    assert sorted(answers) == ["already"] * 19 + ["booked"]
    assert await store.read(_transfers, "refund:") == 1
    assert await store.read(_transfers, "back:") == 1
    assert await store.read(balances, seller.member_id) == wallet()
    pass_time(minutes=1)
    assert await at_once(store, [claim_due_refunds] * 4) == [[]] * 4


def _refunding(bought: Bought, fen: int) -> RefundResult:
    """Open a refund by the merchant; returns WeChat's coming result."""
    (line,) = bought.line_ids
    quantity = 1 if fen == bought.payable_fen else 0
    amount = None if quantity else fen
    made = aftersales.merchant_refund(bought.order_no, [(line, quantity)], "质量问题", amount)
    return _result_of(made["case_id"])


def _result_of(case_id: int) -> RefundResult:
    """WeChat's result of a case's refund."""
    refund = Refund.get(Refund.case_id == case_id)
    payment = Payment.get_by_id(refund.payment_id)
    return RefundResult(
        RefundState.SUCCESS, refund.out_refund_no, payment.out_trade_no, MCHID,
        refund_id=f"50{refund.id}", refund_fen=refund.amount_fen, total_fen=refund.total_fen,
        currency="CNY", success_at=clock.now(),
    )  # fmt: skip


async def test_a_refund_beside_a_release_takes_the_whole_commission_back(store: Any) -> None:
    """The distributor keeps nothing of a refunded sale, whichever of the two comes first."""
    for n in range(5):
        seller = await store.write(earner)
        (bought,) = seller.sold
        result = await store.write(_refunding, bought, bought.payable_fen)
        thaw()
        answers = await at_once(
            store, [distribution.release_due, partial(settle_refund, result)] * 2
        )
        assert set(outcomes(answers)) == {"ok"}
        assert await store.read(balances, seller.member_id) == wallet()
        (row,) = await store.read(
            list, Commission.select().where(Commission.member == seller.member_id)
        )
        assert (row.amount_fen, row.taken_fen) == (EARNED, EARNED)
        assert row.state in ("void", "released"), n


async def test_partial_refunds_beside_a_release_leave_the_right_commission(store: Any) -> None:
    seller = await store.write(earner, received=4)
    results = [await store.write(_refunding, each, 10_001) for each in seller.sold[:3]]
    thaw()
    calls: list[Any] = [partial(settle_refund, r) for r in results]
    answers = await at_once(store, [distribution.release_due, *calls, distribution.release_due])
    assert set(outcomes(answers)) == {"ok"}
    await store.write(distribution.release_due)
    left = 4 * EARNED - 3 * (EARNED * 10_001 // 29800)
    assert await store.read(balances, seller.member_id) == wallet(available=left)


async def test_a_case_opened_beside_a_run_still_takes_the_commission_back(store: Any) -> None:
    for _ in range(5):
        seller = await store.write(earner)
        (bought,) = seller.sold
        thaw()
        (line,) = await store.read(lambda b=bought: b.line_ids)
        form = CaseForm(bought.member_id, bought.order_no, "refund_only", ((line, 1),), "quality")
        calls = [partial(aftersales.request_case, form), distribution.release_due]
        answers = await at_once(store, calls)
        assert outcomes(answers) == {"ok": 2}
        released = answers[1] == 1
        expected = {"available" if released else "pending": EARNED}
        assert await store.read(balances, seller.member_id) == wallet(**expected)
        await store.write(aftersales.approve_case, answers[0]["case_id"])
        result = await store.write(_result_of, answers[0]["case_id"])
        assert await store.write(settle_refund, result) == "booked"
        assert await store.read(balances, seller.member_id) == wallet()


@pytest.mark.parametrize("spent", [False, True])
async def test_released_commission_is_taken_back_for_a_case_that_the_run_did_not_see(
    store: Any, monkeypatch: pytest.MonkeyPatch, spent: bool
) -> None:
    """The case is committed after the run looked for cases, so the run releases its line.

    The refund takes the commission from the balance, or makes it a debt if it is being paid out.
    """
    if is_sqlite():
        pytest.skip("one writer: the case is opened before the run looks, or after it released")
    seller = await store.write(earner)
    (bought,) = seller.sold
    thaw()
    looked, opened = threading.Event(), threading.Event()
    lock = release.lock_wallets

    def wait_for_the_case(members: set[int]) -> None:
        looked.set()
        assert opened.wait(20)
        lock(members)

    monkeypatch.setattr(release, "lock_wallets", wait_for_the_case)
    running = asyncio.create_task(store.write(distribution.release_due))
    assert await asyncio.to_thread(looked.wait, 20)
    (line,) = await store.read(lambda: bought.line_ids)
    form = CaseForm(bought.member_id, bought.order_no, "refund_only", ((line, 1),), "quality")
    case = await store.write(aftersales.request_case, form)
    opened.set()
    assert await running == 1
    assert await store.read(balances, seller.member_id) == wallet(available=EARNED)
    if spent:
        await store.write(ready_to_pay_out)
        made = await store.write(distribution.request_withdrawal, seller.member_id, EARNED)
        sending = await store.write(begin_sending, made["withdrawal_id"])
        assert isinstance(sending, Pass)
    await store.write(aftersales.approve_case, case["case_id"])
    result = await store.write(_result_of, case["case_id"])
    assert await store.write(settle_refund, result) == "booked"
    left = wallet(withdrawing=EARNED, debt=-EARNED) if spent else wallet()
    assert await store.read(balances, seller.member_id) == left


async def test_parallel_runs_release_each_line_once(store: Any) -> None:
    seller = await store.write(earner, received=6)
    thaw()
    answers = await at_once(store, [distribution.release_due] * 6)
    assert set(outcomes(answers)) == {"ok"}
    assert await store.read(_transfers, "release:") == 6
    assert await store.read(balances, seller.member_id) == wallet(available=6 * EARNED)
    told = OutboxRow.select().where(OutboxRow.kind == "notify.member")
    facts = [row.payload for row in await store.read(list, told)]
    released = [p["facts"] for p in facts if p["purpose"] == "commission_released"]
    assert sum(f["fen"] for f in released) == 6 * EARNED
    assert all(f["lines"] > 0 for f in released)


async def _rich(store: Any, orders: int = 1, **changes: Any) -> Seller:
    seller: Seller = await store.write(earner, received=orders)
    thaw()
    await store.write(distribution.release_due)
    pass_time(days=1)
    await store.write(partial(ready_to_pay_out, **changes))
    return seller


async def test_one_of_ten_withdrawals_of_the_whole_balance_is_accepted(store: Any) -> None:
    seller = await _rich(store)
    ask = partial(distribution.request_withdrawal, seller.member_id, EARNED)
    answers = await at_once(store, [ask] * 10)
    assert outcomes(answers) == {"ok": 1, "balance_too_low": 9}
    assert await store.read(Withdrawal.select().count) == 1
    assert await store.read(_transfers, "wd:") == 1
    assert await store.read(balances, seller.member_id) == wallet(withdrawing=EARNED)


async def test_ten_partial_withdrawals_never_exceed_the_balance(store: Any) -> None:
    seller = await _rich(store)
    ask = partial(distribution.request_withdrawal, seller.member_id, 700)
    answers = await at_once(store, [ask] * 10)
    assert outcomes(answers) == {"ok": 4, "balance_too_low": 6}
    expected = wallet(available=EARNED - 2800, withdrawing=2800)
    assert await store.read(balances, seller.member_id) == expected


async def test_ten_parallel_withdrawals_keep_to_the_daily_number(store: Any) -> None:
    seller = await _rich(store, withdraw_per_day=3)
    ask = partial(distribution.request_withdrawal, seller.member_id, 200)
    assert outcomes(await at_once(store, [ask] * 10)) == {"ok": 3, "per_day_limit": 7}


async def test_one_withdrawal_is_sent_once_by_ten_workers(store: Any) -> None:
    seller = await _rich(store)
    made = await store.write(distribution.request_withdrawal, seller.member_id, EARNED)
    send = partial(begin_sending, made["withdrawal_id"])
    answers = await at_once(store, [send] * 10)
    assert outcomes(answers) == {"ok": 10}
    assert len([a for a in answers if isinstance(a, Pass)]) == 1
    assert {a.code for a in answers if isinstance(a, Problem)} == {"call_under_way"}


async def test_parallel_payouts_to_many_people_keep_to_the_hourly_ceiling(store: Any) -> None:
    """Earlier, each payout was compared with a sum that lacked the uncommitted others."""
    sellers = [await _rich(store) for _ in range(8)]
    await store.write(settings.change, settings.PayoutBrakes, {"per_hour_fen": 3 * EARNED})
    await store.write(payouts.check_ledger)
    forget_cache()
    asked = [
        await store.write(distribution.request_withdrawal, s.member_id, EARNED) for s in sellers
    ]
    calls = [partial(begin_sending, a["withdrawal_id"]) for a in asked]
    answers = await at_once(store, calls)
    assert outcomes(answers) == {"ok": 8}
    assert len([a for a in answers if isinstance(a, Pass)]) == 3
    assert {a.code for a in answers if isinstance(a, Problem)} == {"ceiling_per_hour"}


async def test_parallel_payouts_that_need_a_check_of_the_ledger_run_it_once(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier, nine of ten failed for good with "setting_moved" and had to be replayed by hand."""
    seller = await _rich(store, orders=4)
    asked = [
        await store.write(distribution.request_withdrawal, seller.member_id, 700) for _ in range(6)
    ]
    pay, counted = FakeTransfers(), []
    check = ledger.check_open_days
    monkeypatch.setattr(ledger, "check_open_days", lambda: counted.append(1) or check())
    for forget in (True, False):
        if forget:
            await store.write(_never_checked)
        pass_time(hours=2)
        counted.clear()
        ready = await at_once(store, [check_ledger_if_due] * 10)
        assert outcomes(ready) == {"ok": 10}
        assert len(counted) == 1
    pass_time(hours=2)
    bills = [await store.read(bill_of, a["withdrawal_id"]) for a in asked]
    sent = await asyncio.gather(*(payouts.send_bill(store, pay, TERMS, each) for each in bills))
    assert sent == [None] * 6


def _never_checked() -> None:
    SystemState.delete().where(SystemState.key == payouts.LedgerCheck.KEY).execute()
    forget_cache()


async def test_twenty_parallel_results_of_a_transfer_book_it_once(store: Any) -> None:
    seller = await _rich(store)
    made = await store.write(distribution.request_withdrawal, seller.member_id, EARNED)
    sending = await store.write(begin_sending, made["withdrawal_id"])
    done = TransferResult(
        TransferState.SUCCESS, made["out_bill_no"], transfer_bill_no="T1", mchid=MCHID,
        amount_fen=sending.request.amount_fen, openid=sending.request.openid,
    )  # fmt: skip
    answers = await at_once(store, [partial(payouts.receive_transfer, done)] * 20)
    assert sorted(answers) == ["paid"] + ["same"] * 19
    assert await store.read(balances, seller.member_id) == wallet()
    assert await store.read(_transfers, f"wd:{made['withdrawal_id']}:net") == 1


async def test_of_a_failure_and_a_success_of_a_transfer_one_is_booked(store: Any) -> None:
    """WeChat never sends both. If it did, one is booked and the owner is told of the other."""
    seller = await _rich(store)
    made = await store.write(distribution.request_withdrawal, seller.member_id, EARNED)
    sending = await store.write(begin_sending, made["withdrawal_id"])
    done = TransferResult(
        TransferState.SUCCESS, made["out_bill_no"], transfer_bill_no="T1", mchid=MCHID,
        amount_fen=sending.request.amount_fen, openid=sending.request.openid,
    )  # fmt: skip
    failed = replace(done, state=TransferState.FAIL, fail_reason="ACCOUNT_FROZEN")
    calls = [partial(payouts.receive_transfer, each) for each in (done, failed)]
    answers = await at_once(store, calls)
    assert sorted(answers) in (["differs", "paid"], ["differs", "failed"])
    row = await store.read(Withdrawal.get_by_id, made["withdrawal_id"])
    available = EARNED if row.state == "returned" else 0
    assert await store.read(balances, seller.member_id) == wallet(available=available)


async def test_a_refund_beside_a_withdrawal_takes_the_whole_commission_back(store: Any) -> None:
    """It is taken from the balance, or from the withdrawal that was not sent yet."""
    for _ in range(4):
        seller = await _rich(store)
        result = await store.write(_refunding, seller.sold[0], 29800)
        ask = partial(distribution.request_withdrawal, seller.member_id, 2000)
        answers = await at_once(store, [ask, partial(settle_refund, result)])
        assert set(outcomes(answers)) <= {"ok", "balance_too_low"}
        mine = await store.read(balances, seller.member_id)
        assert mine == wallet()
        debt = await store.read(ledger.balance, member_account("debt", seller.member_id))
        assert debt == 0


async def test_a_refund_beside_sending_becomes_a_debt_or_stops_the_withdrawal(store: Any) -> None:
    for _ in range(4):
        seller = await _rich(store)
        made = await store.write(distribution.request_withdrawal, seller.member_id, EARNED)
        result = await store.write(_refunding, seller.sold[0], 29800)
        send = partial(begin_sending, made["withdrawal_id"])
        answers = await at_once(store, [send, partial(settle_refund, result)])
        assert outcomes(answers) == {"ok": 2}
        was_sent = isinstance(answers[0], Pass)
        expected = wallet(withdrawing=EARNED, debt=-EARNED) if was_sent else wallet()
        assert await store.read(balances, seller.member_id) == expected


async def test_checks_of_the_ledger_find_no_difference_while_others_post(store: Any) -> None:
    """A difference stops all payouts, so none may appear only because others post."""
    sales, clearing = merchant_account("sales"), merchant_account("wechat_clearing", MCHID)
    seller = member_account("commission_pending", 1)
    expense = merchant_account("commission_expense")

    def book(n: int) -> None:
        ledger.post(
            [
                Posting(f"doctor:{n}:a", clearing, sales, 100, "payment"),
                Posting(f"doctor:{n}:b", expense, seller, 10, "commission"),
            ],
            "payment", n,
        )  # fmt: skip

    await store.write(book, 0)
    numbers, looks = count(1), 0

    async def book_until_looked() -> None:
        while looks < 12:
            await asyncio.gather(*(store.write(book, next(numbers)) for _ in range(4)))

    booking = [asyncio.create_task(book_until_looked()) for _ in range(4)]
    found: list[str] = []
    for look in [ledger.check_fully, ledger.check_open_days] * 6:
        found += (await store.read(look)).faults
        looks += 1
    await asyncio.gather(*booking)
    made = next(numbers)
    assert (found, made > 12) == ([], True)
    assert (await store.read(ledger.check_fully)).transfers == 2 * made
    assert await store.read(ledger.balance, sales) == 100 * made
