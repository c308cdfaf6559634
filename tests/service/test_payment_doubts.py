"""A payment in doubt: the buyer is told once, and once how it ended."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from domain import orders
from domain.orders.service import begin_closing
from domain.payments import flows
from domain.payments.service import mark_closed, settle
from kernel import clock
from kernel.errors import GatewayError
from models import OutboxRow, Payment
from tests.factories.jobs import PUBLIC_URL
from tests.factories.orders import Bought, paid_result, placed_order
from tests.factories.pay import FakePay

pytestmark = pytest.mark.usefixtures("wired")


@pytest.fixture
def pay() -> FakePay:
    return FakePay()


async def _at_the_till(store: Any, pay: FakePay) -> tuple[Bought, str]:
    """An order with an open payment, and the payment's number."""
    bought = await store.write(placed_order)
    way = (bought.order_no, bought.member_id, "jsapi")
    opened = await orders.prepay(store, pay, *way, public_url=PUBLIC_URL)
    return bought, str(opened.out_trade_no)


async def _unanswered(store: Any, pay: FakePay, times: int = 1) -> None:
    """Poll this many times without an answer from WeChat."""
    for _ in range(times):
        clock.set_offset(clock.offset() + timedelta(minutes=2))
        pay.faults["query_payment"] = deque(["before"])
        assert (await flows.poll_payments(store, pay))["unanswered"] == 1


async def _answered(store: Any, pay: FakePay) -> None:
    clock.set_offset(clock.offset() + timedelta(minutes=6))
    assert (await flows.poll_payments(store, pay))["unanswered"] == 0


async def _told(store: Any, bought: Bought) -> list[str]:
    def read() -> list[str]:
        rows = OutboxRow.select().where(OutboxRow.kind == "notify.member").order_by(OutboxRow.id)
        return [r.payload["purpose"] for r in rows
                if r.payload["member_id"] == bought.member_id]  # fmt: skip

    return await store.read(read)  # type: ignore[no-any-return]


async def test_the_buyer_is_told_once_of_a_payment_in_doubt(store: Any, pay: FakePay) -> None:
    """Before, buyers were not told, and paid a second time."""
    bought, _ = await _at_the_till(store, pay)
    await _unanswered(store, pay, times=3)
    assert await _told(store, bought) == ["payment_doubted"]


async def test_a_payment_that_was_just_opened_is_not_in_doubt(store: Any, pay: FakePay) -> None:
    bought, number = await _at_the_till(store, pay)
    clock.set_offset(timedelta(seconds=6))
    pay.faults["query_payment"] = deque(["before"])
    await flows.poll_payments(store, pay)
    assert await _told(store, bought) == []
    row = await store.read(Payment.get, Payment.out_trade_no == number)
    assert (row.last_error, row.doubted_at) == ("http_500", None)


async def test_a_doubt_that_ends_paid_sends_the_notice_of_the_paid_order(
    store: Any, pay: FakePay
) -> None:
    bought, number = await _at_the_till(store, pay)
    await _unanswered(store, pay)
    pay.pay(number)
    await _answered(store, pay)
    assert await _told(store, bought) == ["payment_doubted", "order_paid"]
    again = paid_result(number, bought.payable_fen)
    assert await store.write(settle, again) == "already"
    assert await _told(store, bought) == ["payment_doubted", "order_paid"]


async def test_a_doubt_that_ends_unpaid_is_told_once_and_not_raised_again(
    store: Any, pay: FakePay
) -> None:
    bought, number = await _at_the_till(store, pay)
    await _unanswered(store, pay)
    await _answered(store, pay)
    await _unanswered(store, pay)
    assert await store.write(mark_closed, number)
    assert await _told(store, bought) == ["payment_doubted", "payment_unpaid"]


async def test_the_buyer_is_told_that_a_payment_of_a_closed_order_is_refunded(
    store: Any, pay: FakePay
) -> None:
    bought, number = await _at_the_till(store, pay)
    await _unanswered(store, pay)
    wrong = paid_result(number, bought.payable_fen - 1)
    assert await store.write(settle, wrong) == "wrong_amount"
    assert await _told(store, bought) == ["payment_doubted", "payment_returned"]


async def test_an_answer_that_contradicts_our_row_raises_a_doubt_at_once(
    store: Any, pay: FakePay
) -> None:
    bought, number = await _at_the_till(store, pay)
    other = paid_result(number, bought.payable_fen, mchid="1900000999")
    assert await store.write(settle, other) == "mismatch_mchid"
    assert await _told(store, bought) == ["payment_doubted"]


async def test_an_unanswered_close_raises_a_doubt_and_a_buyer_paying_now_does_not(
    store: Any, pay: FakePay
) -> None:
    for fault, told in (("paying", []), ("before", ["payment_doubted"])):
        bought, number = await _at_the_till(store, pay)
        clock.set_offset(clock.offset() + timedelta(minutes=2))
        await store.write(begin_closing, bought.order_id, "timeout", "system")
        pay.faults["close_payment"] = deque([fault])
        with pytest.raises(GatewayError):
            await flows.close_payment(store, pay, number)
        assert await _told(store, bought) == told


async def test_a_buyer_who_paid_by_another_attempt_is_not_told_of_the_unpaid_one(
    store: Any, pay: FakePay
) -> None:
    bought, number = await _at_the_till(store, pay)
    await _unanswered(store, pay)
    way = (bought.order_no, bought.member_id, "native")
    second = await orders.prepay(store, pay, *way, public_url=PUBLIC_URL)
    paid = paid_result(second.out_trade_no, bought.payable_fen)
    assert await store.write(settle, paid) == "booked"
    assert await store.write(mark_closed, number)
    assert await _told(store, bought) == ["payment_doubted", "order_paid"]
