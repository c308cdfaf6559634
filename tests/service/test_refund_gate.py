"""Refunds pass the gate, with their own stop and ceilings."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from domain import overview, payments, payouts, settings
from domain.payments import flows, refunds
from kernel import clock
from kernel.errors import Conflict
from kernel.faults import Fault
from models import MoneyCall, OutboxRow, Refund
from tests.factories.jobs import PUBLIC_URL
from tests.factories.pay import FakePay
from tests.factories.transfers import forget_leases
from tests.service.test_payments import _begin_refund, _paid


@pytest.fixture
def pay(wired: None) -> FakePay:
    """A fake WeChat that refunds at once."""
    return FakePay()


async def _send(store: Any, pay: FakePay, refund_id: int) -> str:
    return await flows.send_refund(store, pay, refund_id, public_url=PUBLIC_URL)


async def test_refunds_are_stopped_by_their_own_stop_not_by_that_of_payouts(
    store: Any, pay: FakePay
) -> None:
    bought = await _paid(store, pay)
    first = await store.write(_begin_refund, bought, 1000)
    second = await store.write(_begin_refund, bought, 2000)
    await store.write(payouts.stop_payouts, "staff:1", "核对")
    assert await _send(store, pay, first) == "booked"
    await store.write(payments.stop_refunds, "staff:1", "核对")
    assert await _send(store, pay, second) == "later"
    assert [method for method, _ in pay.calls] == ["refund"]
    await store.write(payments.resume_refunds, "staff:1")
    assert await _send(store, pay, second) == "booked"
    told = [r.payload["purpose"] for r in await store.read(list, OutboxRow.select())
            if r.kind == "notify.owner"]  # fmt: skip
    assert told.count("refunds_stopped") == 1


@pytest.mark.parametrize("limit", ["per_hour_fen", "per_day_fen"])
async def test_a_refund_above_a_ceiling_waits_and_the_owner_is_told_once(
    store: Any, pay: FakePay, limit: str
) -> None:
    bought = await _paid(store, pay)
    await store.write(settings.change, settings.RefundBrakes, {limit: 2500})
    first = await store.write(_begin_refund, bought, 1000)
    second = await store.write(_begin_refund, bought, 2000)
    assert await _send(store, pay, first) == "booked"
    for _ in range(2):
        assert await _send(store, pay, second) == "later"
    assert len(pay.refunds) == 1
    rows = await store.read(list, OutboxRow.select().where(OutboxRow.kind == "notify.owner"))
    assert [r.payload["facts"]["code"] for r in rows] == [f"refund_{limit[:-4]}"]
    clock.set_offset(timedelta(days=1))
    assert await _send(store, pay, second) == "booked"


async def test_a_refusal_is_not_final_while_an_earlier_call_is_open(
    store: Any, pay: FakePay
) -> None:
    """Before, after an unanswered and a refused call staff paid by hand, and WeChat paid too."""
    bought = await _paid(store, pay)
    refund_id = await store.write(_begin_refund, bought, 5000)
    pay.faults["refund"] = deque(["before", "RULE_LIMIT"])
    assert await _send(store, pay, refund_id) == "later"
    assert await _send(store, pay, refund_id) == "later"  # not called again within a minute
    assert [method for method, _ in pay.calls] == ["refund"]
    forget_leases()
    assert await _send(store, pay, refund_id) == "later"
    row = await store.read(Refund.get_by_id, refund_id)
    assert row.state == "created"
    assert row.last_error == "RULE_LIMIT"
    with pytest.raises(Conflict, match="refund_uncertain"):
        await store.write(payments.settle_refund_by_hand, refund_id, "网银转账")
    assert await flows.confirm_refund(store, pay, refund_id, public_url=PUBLIC_URL) == "booked"
    open_calls = MoneyCall.select().where(MoneyCall.left_at.is_null())
    assert await store.read(open_calls.count) == 0


async def test_a_refusal_of_the_only_call_is_final(store: Any, pay: FakePay) -> None:
    bought = await _paid(store, pay)
    refund_id = await store.write(_begin_refund, bought, 5000)
    pay.faults["refund"] = deque(["RULE_LIMIT"])
    assert await _send(store, pay, refund_id) == "abnormal"
    assert (await store.read(Refund.get_by_id, refund_id)).state == "abnormal"


async def test_a_refund_that_waits_for_our_stop_is_not_shown_as_unanswered_by_wechat(
    store: Any, pay: FakePay
) -> None:
    bought = await _paid(store, pay)
    held = await store.write(_begin_refund, bought, 1000)
    await store.write(payments.stop_refunds, "staff:1", "核对")
    assert await _send(store, pay, held) == "later"
    view = await store.read(payments.refund_detail, held)
    assert (view.waits_for, view.is_unanswered) == ("refunds_stopped", False)
    codes = [each.code for each in await store.read(overview.list_troubles)]
    assert "refunds_unanswered" not in codes
    await store.write(refunds.record_refund_error, held, Fault("no_answer"))
    codes = [each.code for each in await store.read(overview.list_troubles)]
    assert "refunds_unanswered" in codes
