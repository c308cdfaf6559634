"""Payments and refunds; our ledger and the figures of the fake WeChat always agree."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from admin.fault_words import call_fault
from domain import catalog, ledger, orders, payments
from domain.ledger import merchant_account
from domain.orders import flows as order_flows
from domain.orders.service import begin_closing, finish_closing
from domain.payments import flows
from domain.payments.ports import RefundState, TradeState
from domain.payments.refunds import claim_due_refunds, settle_refund
from domain.payments.rules import query_delay
from domain.payments.service import claim_due_payments, settle
from kernel import clock
from kernel.errors import Conflict, Refused, Retryable, Unknown
from models import LedgerTransfer, Order, Payment, PayNotice, Refund, Sku
from tests.factories.jobs import PUBLIC_URL, due_kinds, run_outbox
from tests.factories.orders import MCHID, Bought, begin, paid_order, paid_result, placed_order
from tests.factories.pay import FakePay
from tests.factories.transfers import forget_leases

pytestmark = pytest.mark.usefixtures("wired")

CLEARING = merchant_account("wechat_clearing", MCHID)


@pytest.fixture
def pay() -> FakePay:
    return FakePay()


async def _prepay(store: Any, pay: FakePay, bought: Bought, channel: Any = "jsapi") -> Any:
    return await order_flows.prepay(
        store,
        pay,
        bought.order_no,
        bought.member_id,
        channel,
        public_url=PUBLIC_URL,
        client_ip="203.0.113.7",
    )


def _state(bought: Bought) -> str:
    return str(bought.row.state)


def _counts(bought: Bought) -> tuple[int, int, int]:
    sku = Sku.get_by_id(bought.product.sku_id)
    return sku.stock, sku.held, sku.sold


async def _books_agree(store: Any, pay: FakePay) -> int:
    """Assert that ledger, WeChat and stock agree; returns the fen that the merchant keeps."""
    mine = -await store.read(ledger.balance, CLEARING)
    assert mine == pay.paid_fen() - pay.refunded_fen()
    assert (await store.read(ledger.check_fully)).faults == []
    assert await store.read(catalog.skus_out_of_balance) == []
    return mine


# --- paying


async def test_paying_in_wechat(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    assert view.jsapi == {"package": "prepay_id=wx1"}
    assert (view.code_url, view.h5_url, view.amount_fen) == (None, None, 29800)
    outcome = await flows.receive_notice(store, pay.notice(pay.pay(view.out_trade_no)))
    assert outcome == "booked"
    assert await store.read(_state, bought) == "paid"
    assert await store.read(_counts, bought) == (99, 0, 1)
    assert await _books_agree(store, pay) == 29800


@pytest.mark.parametrize(("channel", "field"), [("native", "code_url"), ("h5", "h5_url")])
async def test_paying_outside_wechat(store: Any, pay: FakePay, channel: Any, field: str) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought, channel)
    assert getattr(view, field) == "wx1"
    assert view.jsapi is None


async def test_two_taps_begin_one_payment(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    first = await _prepay(store, pay, bought)
    second = await _prepay(store, pay, bought)
    assert first == second
    assert len(pay.calls) == 1
    assert await store.read(Payment.select().count) == 1


async def test_the_number_is_stored_before_the_call_to_wechat(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    pay.faults["prepay"] = deque(["before"])
    with pytest.raises(Unknown):
        await _prepay(store, pay, bought)
    row = await store.read(Payment.get)
    assert (row.state, row.last_error, pay.trades) == ("created", "http_500", {})
    view = await _prepay(store, pay, bought)
    assert view.out_trade_no == row.out_trade_no


async def test_a_lost_prepay_answer_keeps_its_number(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    pay.faults["prepay"] = deque(["after"])
    with pytest.raises(Unknown):
        await _prepay(store, pay, bought)
    view = await _prepay(store, pay, bought)
    assert list(pay.trades) == [view.out_trade_no]


async def test_a_payment_that_wechat_knows_as_paid_is_settled(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    pay.pay(view.out_trade_no)
    clock.set_offset(timedelta(minutes=1))
    await store.write(lambda: Payment.update(opened_at=None).execute())
    with pytest.raises(Refused):
        await _prepay(store, pay, bought)
    assert await store.read(_state, bought) == "paid"


async def test_no_prepay_for_an_order_that_is_not_payable(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    clock.set_offset(timedelta(minutes=31))
    with pytest.raises(Conflict):
        await _prepay(store, pay, bought)
    assert pay.calls == []
    assert await store.read(Payment.select().count) == 0


async def test_an_order_that_closes_during_prepay_shows_no_payment(
    store: Any, pay: FakePay
) -> None:
    bought = await store.write(placed_order)
    number = await store.write(begin, bought)
    ticket = await store.read(_ticket, number)
    await store.write(begin_closing, bought.order_id, "buyer")
    assert await order_flows.close_order(store, pay, bought.order_id) == "cancelled"
    with pytest.raises(Conflict) as refused:
        await flows.open_payment(store, pay, ticket, public_url=PUBLIC_URL, client_ip="")
    assert refused.value.code == "payment_closed"


def _ticket(out_trade_no: str) -> Any:
    from domain.payments.service import payment_ticket

    return payment_ticket(Payment.get(Payment.out_trade_no == out_trade_no).id)


# --- results of payments


async def test_the_same_notification_ten_times_books_one_payment(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    notice = pay.notice(pay.pay(view.out_trade_no))
    outcomes = [await flows.receive_notice(store, notice) for _ in range(10)]
    assert outcomes == ["booked", *["already"] * 9]
    assert await store.read(PayNotice.select().count) == 1
    assert await _books_agree(store, pay) == 29800
    assert await flows.confirm_payment(store, pay, view.out_trade_no) == "already"


async def test_a_payment_with_a_lost_notification_is_found_by_the_poll(
    store: Any, pay: FakePay
) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    pay.pay(view.out_trade_no)
    assert await flows.poll_payments(store, pay) == {"asked": 0, "unanswered": 0}
    clock.set_offset(timedelta(seconds=6))
    assert await flows.poll_payments(store, pay) == {"asked": 1, "unanswered": 0}
    assert await store.read(_state, bought) == "paid"
    clock.set_offset(timedelta(days=1))
    assert await flows.poll_payments(store, pay) == {"asked": 0, "unanswered": 0}


async def test_a_poll_without_answer_asks_again_later(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    await _prepay(store, pay, bought)
    pay.faults["query_payment"] = deque(["busy"])
    clock.set_offset(timedelta(seconds=6))
    assert await flows.poll_payments(store, pay) == {"asked": 1, "unanswered": 1}
    assert await flows.poll_payments(store, pay) == {"asked": 0, "unanswered": 0}
    clock.set_offset(timedelta(seconds=17))
    assert await flows.poll_payments(store, pay) == {"asked": 1, "unanswered": 0}
    assert await store.read(_state, bought) == "awaiting_payment"


def test_queries_have_growing_delays() -> None:
    delays = [query_delay(n).total_seconds() for n in range(10)]
    assert delays == [5, 10, 30, 60, 120, 300, 600, 1800, 1800, 1800]


async def test_the_page_after_paying_asks_wechat(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.confirm_order(*args) == "awaiting_payment"
    pay.pay(view.out_trade_no)
    assert await order_flows.confirm_order(*args) == "paid"


@pytest.mark.parametrize(
    ("field", "value"),
    [("mchid", "1900000099"), ("appid", "wx0000000000000000"), ("currency", "USD"),
     ("amount_fen", 0)],
)  # fmt: skip
async def test_a_payment_result_that_does_not_match_is_not_booked(
    store: Any, pay: FakePay, field: str, value: Any
) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    result = replace(pay.pay(view.out_trade_no), **{field: value})
    outcome = await flows.receive_notice(store, pay.notice(result))
    assert outcome == f"mismatch_{field.removesuffix('_fen')}"
    assert await store.read(_state, bought) == "awaiting_payment"
    assert await store.read(LedgerTransfer.select().count) == 0
    odd = await store.read(payments.list_unmatched_notices)
    assert [n.outcome for n in odd] == [outcome]


async def test_a_notification_with_an_unknown_number_is_stored_and_shown(
    store: Any, pay: FakePay
) -> None:
    notice = pay.notice(paid_result("PAY260101AAAAAAAAAAAAAAAA", 100))
    assert await flows.receive_notice(store, notice) == "unknown_number"
    assert len(await store.read(payments.list_unmatched_notices)) == 1
    assert await store.read(LedgerTransfer.select().count) == 0


@pytest.mark.parametrize("state", [TradeState.NOTPAY, TradeState.USERPAYING, TradeState.PAYERROR])
async def test_a_result_that_is_not_paid_changes_nothing(
    store: Any, pay: FakePay, state: TradeState
) -> None:
    bought = await store.write(placed_order)
    number = await store.write(begin, bought)
    result = replace(paid_result(number, 29800), state=state)
    assert await store.write(settle, result) == "unpaid"
    assert await store.read(_state, bought) == "awaiting_payment"


# --- money that no order can take


async def test_a_payment_of_a_wrong_amount_is_refunded_automatically(
    store: Any, pay: FakePay
) -> None:
    bought = await store.write(placed_order)
    view = await _prepay(store, pay, bought)
    result = pay.pay(view.out_trade_no, amount_fen=1)
    assert await flows.receive_notice(store, pay.notice(result)) == "wrong_amount"
    assert await store.read(_state, bought) == "awaiting_payment"
    await run_outbox(store, pay)
    shown = await store.read(payments.list_refunds, is_automatic=True)
    assert [(r.cause, r.state, r.amount_fen) for r in shown] == [("wrong_amount", "succeeded", 1)]
    assert await _books_agree(store, pay) == 0


async def test_a_second_payment_is_refunded_automatically(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    one = await _prepay(store, pay, bought, "jsapi")
    two = await _prepay(store, pay, bought, "native")
    pay.pay(one.out_trade_no)
    second = pay.pay(two.out_trade_no)
    assert await flows.confirm_payment(store, pay, one.out_trade_no) == "booked"
    assert await flows.receive_notice(store, pay.notice(second)) == "booked"
    await run_outbox(store, pay)
    shown = await store.read(payments.list_refunds, is_automatic=True)
    assert [(r.cause, r.state, r.amount_fen) for r in shown] == [("duplicate", "succeeded", 29800)]
    assert await _books_agree(store, pay) == 29800
    assert await store.read(_counts, bought) == (99, 0, 1)


async def test_the_other_attempts_are_closed_once_one_is_paid(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    one = await _prepay(store, pay, bought, "jsapi")
    two = await _prepay(store, pay, bought, "native")
    pay.pay(one.out_trade_no)
    await flows.confirm_payment(store, pay, one.out_trade_no)
    await run_outbox(store, pay)
    assert pay.trades[two.out_trade_no].state is TradeState.CLOSED
    assert await store.read(orders.open_numbers, bought.order_id) == []


async def test_a_payment_of_a_cancelled_order_is_refunded_automatically(
    store: Any, pay: FakePay
) -> None:
    bought = await store.write(placed_order)
    number = (await _prepay(store, pay, bought)).out_trade_no
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "cancelled"
    late = paid_result(number, 29800)
    pay.trades[number] = late
    assert await flows.receive_notice(store, pay.notice(late)) == "booked"
    assert await store.read(_state, bought) == "cancelled"
    await run_outbox(store, pay)
    shown = await store.read(payments.list_refunds, is_automatic=True)
    assert [(r.cause, r.state) for r in shown] == [("late", "succeeded")]
    assert await _books_agree(store, pay) == 0
    assert await store.read(_counts, bought) == (100, 0, 0)


# --- closing


async def test_closing_is_stored_before_the_call_to_wechat(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    await _prepay(store, pay, bought)
    seen = []
    pay.before_close = lambda _: seen.append(Order.get_by_id(bought.order_id).state)
    pay.faults["query_payment"] = deque(["before"])
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "closing"
    assert await store.read(_counts, bought) == (99, 1, 0)
    assert await order_flows.cancel_order(*args) == "cancelled"
    assert seen == ["closing"]
    assert await store.read(_counts, bought) == (100, 0, 0)


async def test_an_order_found_paid_while_closing_becomes_paid(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    number = (await _prepay(store, pay, bought)).out_trade_no
    pay.pay(number)
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "paid"
    assert await store.read(_counts, bought) == (99, 0, 1)
    assert await _books_agree(store, pay) == 29800


async def test_an_order_paid_between_query_and_close_becomes_paid(
    store: Any, pay: FakePay
) -> None:
    bought = await store.write(placed_order)
    await _prepay(store, pay, bought)
    pay.before_close = pay.pay
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "paid"
    assert await store.read(_state, bought) == "paid"
    assert await _books_agree(store, pay) == 29800


@pytest.mark.parametrize("fault", ["before", "after", "busy", "paying"])
async def test_an_unclear_close_leaves_the_order_closing_and_is_repeated(
    store: Any, pay: FakePay, fault: str
) -> None:
    bought = await store.write(placed_order)
    number = (await _prepay(store, pay, bought)).out_trade_no
    pay.faults["close_payment"] = deque([fault])
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "closing"
    assert await store.read(orders.open_numbers, bought.order_id) == [number]
    forget_leases()
    assert await run_outbox(store, pay) == 1
    assert await store.read(_state, bought) == "cancelled"
    assert await store.read(_counts, bought) == (100, 0, 0)


async def test_an_order_is_not_cancelled_while_its_buyer_is_paying(
    store: Any, pay: FakePay
) -> None:
    bought = await store.write(placed_order)
    number = (await _prepay(store, pay, bought)).out_trade_no
    pay.faults["close_payment"] = deque(["paying"])
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "closing"
    (shown,) = await store.read(orders.payments_of, bought.order_id)
    assert call_fault(shown.fault) == "买家正在付款，过一会儿再关"
    pay.pay(number)
    assert await run_outbox(store, pay) == 1
    assert await store.read(_state, bought) == "paid"
    assert await _books_agree(store, pay) == 29800


async def test_an_unclear_close_is_shown_until_it_is_clear(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    number = (await _prepay(store, pay, bought)).out_trade_no
    pay.faults["close_payment"] = deque(["before"])
    args = (store, pay, bought.order_no, bought.member_id)
    assert await order_flows.cancel_order(*args) == "closing"
    assert await flows.confirm_payment(store, pay, number) == "unpaid"  # no answer to the close
    (shown,) = await store.read(orders.payments_of, bought.order_id)
    assert shown.is_unanswered
    forget_leases()
    await run_outbox(store, pay)
    (shown,) = await store.read(orders.payments_of, bought.order_id)
    assert (shown.state, shown.fault) == ("closed", None)


async def test_an_order_is_not_cancelled_while_a_payment_is_open(store: Any) -> None:
    bought = await store.write(placed_order)
    await store.write(begin, bought)
    await store.write(begin_closing, bought.order_id, "buyer")
    with pytest.raises(Retryable):
        await store.write(finish_closing, bought.order_id)
    assert await store.read(_state, bought) == "closing"


async def test_unpaid_orders_close_when_their_time_is_up(store: Any, pay: FakePay) -> None:
    late = await store.write(placed_order)
    await _prepay(store, pay, late)
    clock.set_offset(timedelta(minutes=20))
    fresh = await store.write(placed_order)
    clock.set_offset(timedelta(minutes=31))
    assert await order_flows.close_due(store, pay) == {"begun": 1, "continued": 0}
    assert await run_outbox(store, pay) == 1
    assert await store.read(_state, late) == "cancelled"
    assert await store.read(_state, fresh) == "awaiting_payment"
    assert await store.read(_counts, late) == (100, 0, 0)
    assert (await store.read(lambda: late.row)).cancel_reason == "timeout"


async def test_a_paid_order_is_not_closed_by_the_job(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    pay.pay((await _prepay(store, pay, bought)).out_trade_no)
    clock.set_offset(timedelta(minutes=31))
    await order_flows.close_due(store, pay)
    await run_outbox(store, pay)
    assert await store.read(_state, bought) == "paid"
    assert await order_flows.close_due(store, pay) == {"begun": 0, "continued": 0}


async def test_an_order_stuck_in_closing_is_closed_later(store: Any, pay: FakePay) -> None:
    bought = await store.write(placed_order)
    await _prepay(store, pay, bought)
    await store.write(begin_closing, bought.order_id, "buyer")
    clock.set_offset(timedelta(minutes=3))
    assert await order_flows.close_due(store, pay) == {"begun": 0, "continued": 1}
    assert await store.read(_state, bought) == "cancelled"


# --- refunds


def _begin_refund(bought: Bought, amount_fen: int) -> int:
    return payments.begin_refund(bought.payment_id, amount_fen, "duplicate")


async def _paid(store: Any, pay: FakePay) -> Bought:
    bought = await store.write(placed_order)
    pay.pay((await _prepay(store, pay, bought)).out_trade_no)
    await order_flows.confirm_order(store, pay, bought.order_no, bought.member_id)
    pay.calls.clear()
    return bought


async def test_refunds_never_exceed_the_received_amount(store: Any, pay: FakePay) -> None:
    bought = await _paid(store, pay)
    await store.write(_begin_refund, bought, 20000)
    with pytest.raises(Conflict) as refused:
        await store.write(_begin_refund, bought, 9801)
    assert refused.value.code == "refund_above_payment"
    await store.write(_begin_refund, bought, 9800)
    assert await run_outbox(store, pay) == 2
    assert await _books_agree(store, pay) == 0


@pytest.mark.parametrize("fault", ["before", "after", "busy"])
async def test_an_unclear_refund_keeps_its_number_and_is_paid_once(
    store: Any, pay: FakePay, fault: str
) -> None:
    bought = await _paid(store, pay)
    await store.write(_begin_refund, bought, 5000)
    pay.faults["refund"] = deque([fault])
    await run_outbox(store, pay)
    row = await store.read(Refund.get)
    assert row.state == "created"
    assert row.last_error
    clock.set_offset(timedelta(seconds=11))
    forget_leases()
    assert await flows.poll_refunds(store, pay, public_url=PUBLIC_URL) == {
        "asked": 1,
        "unanswered": 0,
    }
    assert (await store.read(Refund.get)).state == "succeeded"
    assert list(pay.refunds) == [row.out_refund_no]
    assert await _books_agree(store, pay) == 24800


async def test_wechat_is_asked_for_a_refund_outside_the_transaction(
    store: Any, pay: FakePay
) -> None:
    bought = await _paid(store, pay)
    await store.write(_begin_refund, bought, 5000)
    assert pay.calls == []
    assert "payments.refund" in await store.read(due_kinds)


async def test_a_refund_notified_twice_is_booked_once(store: Any, pay: FakePay) -> None:
    bought = await _paid(store, pay)
    refund_id = await store.write(_begin_refund, bought, 5000)
    await run_outbox(store, pay)
    result = next(iter(pay.refunds.values()))
    assert await flows.receive_notice(store, pay.notice(result, 7)) == "already"
    again = await flows.send_refund(store, pay, refund_id, public_url=PUBLIC_URL)
    assert again == "succeeded"
    assert await _books_agree(store, pay) == 24800


async def test_a_slow_refund_is_queried_until_its_end(store: Any, pay: FakePay) -> None:
    bought = await _paid(store, pay)
    pay.refund_state = RefundState.PROCESSING
    await store.write(_begin_refund, bought, 5000)
    await run_outbox(store, pay)
    assert (await store.read(Refund.get)).state == "processing"
    number, result = next(iter(pay.refunds.items()))
    pay.refunds[number] = replace(result, state=RefundState.SUCCESS)
    clock.set_offset(timedelta(minutes=1))
    await flows.poll_refunds(store, pay, public_url=PUBLIC_URL)
    assert (await store.read(Refund.get)).state == "succeeded"
    assert await store.write(claim_due_refunds) == []


@pytest.mark.parametrize(
    ("field", "value"), [("refund_fen", 4999), ("out_trade_no", "PAYX"), ("mchid", "1")]
)
async def test_a_refund_result_that_does_not_match_is_not_booked(
    store: Any, pay: FakePay, field: str, value: Any
) -> None:
    bought = await _paid(store, pay)
    pay.refund_state = RefundState.PROCESSING
    await store.write(_begin_refund, bought, 5000)
    await run_outbox(store, pay)
    result = replace(next(iter(pay.refunds.values())), state=RefundState.SUCCESS, **{field: value})
    assert (await store.write(settle_refund, result)).startswith("mismatch_")
    assert (await store.read(Refund.get)).state == "processing"
    assert await store.read(ledger.balance, CLEARING) == -29800


async def test_a_refused_refund_waits_for_a_person_and_can_be_sent_again(
    store: Any, pay: FakePay
) -> None:
    bought = await _paid(store, pay)
    refund_id = await store.write(_begin_refund, bought, 5000)
    pay.faults["refund"] = deque(["RULE_LIMIT"])
    await run_outbox(store, pay)
    first = await store.read(Refund.get)
    assert (first.state, first.last_error) == ("abnormal", "RULE_LIMIT")
    await store.write(payments.retry_refund, refund_id)
    await run_outbox(store, pay)
    second = await store.read(Refund.get)
    assert (second.state, second.out_refund_no) == ("succeeded", first.out_refund_no)
    with pytest.raises(Conflict):
        await store.write(payments.retry_refund, refund_id)
    assert await _books_agree(store, pay) == 24800


async def test_a_refund_by_hand_is_booked_through_the_bank(store: Any, pay: FakePay) -> None:
    bought = await _paid(store, pay)
    refund_id = await store.write(_begin_refund, bought, 5000)
    pay.refund_state = RefundState.ABNORMAL
    await run_outbox(store, pay)
    await store.write(payments.settle_refund_by_hand, refund_id, "网银流水 20260630-17")
    row = await store.read(Refund.get)
    assert (row.state, row.proof) == ("settled_by_hand", "网银流水 20260630-17")
    assert await store.read(ledger.balance, CLEARING) == -29800
    assert await store.read(ledger.balance, merchant_account("bank_clearing")) == 5000
    with pytest.raises(Conflict):
        await store.write(payments.settle_refund_by_hand, refund_id, "again")


def test_two_claimers_never_get_the_same_payment(db: Any) -> None:
    for _ in range(3):
        begin(placed_order())
    clock.set_offset(timedelta(seconds=6))
    assert len(claim_due_payments(2)) == 2
    assert len(claim_due_payments(5)) == 1
    assert claim_due_payments(5) == []


def test_payments_of_an_order_are_shown(db: Any) -> None:
    bought = paid_order()
    shown = orders.payments_of(bought.order_id)
    assert [(p.state, p.received_fen, p.channel) for p in shown] == [("paid", 29800, "jsapi")]
    assert orders.refunds_of(bought.order_id) == []
