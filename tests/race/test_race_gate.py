"""A slow first transfer call beside queries, repeated sending and a stop: one payout is made."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from domain import after_restore_hold, distribution, gate, payouts, settings
from domain.gate import Pass, Problem
from domain.payments.ports import TransferRequest, TransferResult, TransferState
from kernel import clock
from kernel.errors import Conflict, Refused, Unknown
from models import MoneyCall
from tests.factories.distribution import balances, wallet
from tests.factories.transfers import TERMS, FakeTransfers, bill_of, forget_leases
from tests.race.crowd import at_once, outcomes
from tests.race.sales import thaw
from tests.race.test_race_money import EARNED, _rich


class SlowFirst(FakeTransfers):
    """The first transfer takes effect once ``go`` is set, even if its caller no longer waits.

    Until then further transfer calls are refused.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_there, self.go = asyncio.Event(), asyncio.Event()
        self.first: asyncio.Task[TransferResult] | None = None

    async def transfer(self, request: TransferRequest) -> TransferResult:
        self.requests.append(request)
        if self.first is None:
            self.first = asyncio.create_task(self._late(request))
            self.is_there.set()
            return await asyncio.shield(self.first)
        if not self.go.is_set():
            raise Refused("PARAM_ERROR")
        return self.take(request)

    async def _late(self, request: TransferRequest) -> TransferResult:
        await self.go.wait()
        return self.take(request)


class Counting(FakeTransfers):
    """Counts the queries of transfers."""

    asked = 0

    async def query_transfer(self, out_bill_no: str) -> TransferResult:
        self.asked += 1
        return await super().query_transfer(out_bill_no)


async def _sent(store: Any) -> tuple[int, int]:
    """Request a withdrawal of the whole balance; returns the distributor's and the bill's id."""
    seller = await _rich(store)
    made = await store.write(distribution.request_withdrawal, seller.member_id, EARNED)
    return seller.member_id, await store.read(bill_of, made["withdrawal_id"])


async def _everybody_asks(store: Any, pay: SlowFirst, bill: int) -> None:
    """Query and send at once: the payee's page, staff, another worker, the poll."""
    asked = [payouts.query_bill_at_intervals(store, pay, bill) for _ in range(20)]
    asked += [payouts.query_bill_at_wechat(store, pay, bill) for _ in range(5)]
    sent = [payouts.send_bill(store, pay, TERMS, bill, "worker-2") for _ in range(5)]
    sent += [payouts.send_waiting(store, pay, TERMS), payouts.query_due_bills(store, pay)]
    await asyncio.gather(*asked, *sent)


async def test_queries_do_not_send_a_transfer_again_while_its_call_is_under_way(
    store: Any,
) -> None:
    """Earlier, the payee's page sent the transfer again while the first call was under way."""
    member_id, bill = await _sent(store)
    pay = SlowFirst()
    first = asyncio.create_task(payouts.send_bill(store, pay, TERMS, bill))
    await pay.is_there.wait()
    thaw()  # moves business time; leases use system time
    await _everybody_asks(store, pay, bill)
    assert len(pay.requests) == 1
    assert await store.read(gate.has_open_calls, "payout", bill)
    with pytest.raises(Conflict, match="transfer_uncertain"):
        await payouts.cancel_bill(store, pay, bill, "staff:1")
    pay.go.set()
    await first
    assert (await store.read(payouts.bill_detail, bill)).state == "awaiting_user"
    assert len(pay.requests) == 1
    assert await store.read(balances, member_id) == wallet(withdrawing=EARNED)


async def test_no_call_begins_after_a_stop_until_it_is_lifted(store: Any) -> None:
    """A call that began before the stop completes; no call begins until the stop is lifted."""
    member_id, bill = await _sent(store)
    pay = SlowFirst()
    first = asyncio.create_task(payouts.send_bill(store, pay, TERMS, bill))
    await pay.is_there.wait()
    thaw()
    stop = store.write(payouts.stop_payouts, "staff:1", "核对")
    await asyncio.gather(stop, _everybody_asks(store, pay, bill))
    await _everybody_asks(store, pay, bill)
    assert len(pay.requests) == 1
    pay.go.set()
    await first
    assert (await store.read(payouts.bill_detail, bill)).state == "awaiting_user"
    await _everybody_asks(store, pay, bill)
    await store.write(payouts.resume_payouts, "staff:1")
    await _everybody_asks(store, pay, bill)
    assert len(pay.requests) == 1
    assert len(pay.bills) == 1
    assert await store.read(balances, member_id) == wallet(withdrawing=EARNED)


async def test_the_payee_s_page_queries_wechat_at_intervals_only(
    store: Any,
) -> None:
    _, bill = await _sent(store)
    pay = Counting()
    await payouts.send_bill(store, pay, TERMS, bill)
    await asyncio.gather(*(payouts.query_bill_at_intervals(store, pay, bill) for _ in range(20)))
    assert pay.asked == 1
    await payouts.query_bill_at_intervals(store, pay, bill)
    assert pay.asked == 1
    forget_leases()  # moves system time
    await asyncio.gather(*(payouts.query_bill_at_intervals(store, pay, bill) for _ in range(20)))
    assert pay.asked == 2


async def test_a_late_first_call_pays_although_the_second_was_refused(store: Any) -> None:
    """Earlier, the refusal of the second call returned the money, though the first one paid."""
    member_id, bill = await _sent(store)
    pay = SlowFirst()
    worker = asyncio.create_task(payouts.send_bill(store, pay, TERMS, bill))
    await pay.is_there.wait()
    worker.cancel()  # our side gives up; the call continues at WeChat
    await asyncio.gather(worker, return_exceptions=True)
    forget_leases()
    thaw()
    await store.write(payouts.check_ledger)
    await payouts.query_due_bills(store, pay)
    assert [r.out_bill_no for r in pay.requests] == [pay.requests[0].out_bill_no] * 2
    assert pay.requests[0] == pay.requests[1]
    found = await store.read(payouts.bill_detail, bill)
    assert (found.state, found.open_calls) == ("paying", 1)
    assert found.uncertain_at is not None
    assert [b.id for b in await store.read(payouts.uncertain_bills)] == [bill]
    assert await store.read(balances, member_id) == wallet(withdrawing=EARNED)
    with pytest.raises(Conflict, match="balance_too_low"):
        await store.write(distribution.request_withdrawal, member_id, EARNED)
    pay.go.set()
    assert pay.first is not None
    await pay.first
    pay.becomes(TransferState.SUCCESS)
    thaw()
    await payouts.query_due_bills(store, pay)
    found = await store.read(payouts.bill_detail, bill)
    assert (found.state, found.uncertain_at, found.open_calls) == ("paid", None, 0)
    assert await store.read(balances, member_id) == wallet()
    assert len(pay.bills) == 1


async def test_a_stop_also_holds_for_a_bill_whose_call_never_arrived(store: Any) -> None:
    """Earlier, the poll sent a withdrawal after the stop if its first call had not arrived."""
    member_id, bill = await _sent(store)
    pay = FakeTransfers(faults=[Unknown("timeout")])
    await payouts.send_bill(store, pay, TERMS, bill)
    await store.write(payouts.stop_payouts, "staff:1", "核对")
    forget_leases()
    for _ in range(3):
        thaw()
        await payouts.query_due_bills(store, pay)
        await payouts.query_bill_at_intervals(store, pay, bill)
        await payouts.query_bill_at_wechat(store, pay, bill)
    assert len(pay.requests) == 1
    assert (await store.read(payouts.bill_detail, bill)).uncertain_at is not None
    await store.write(payouts.resume_payouts, "staff:1")
    thaw()
    await store.write(payouts.check_ledger)
    await payouts.query_due_bills(store, pay)
    found = await store.read(payouts.bill_detail, bill)
    assert (found.state, found.uncertain_at) == ("awaiting_user", None)
    assert await store.read(balances, member_id) == wallet(withdrawing=EARNED)


FORBIDS = {
    "freeze": "payee_frozen", "ceiling": "ceiling_per_person_day", "hold": "held_after_restore",
}  # fmt: skip


@pytest.mark.parametrize("who", FORBIDS)
async def test_brakes_also_hold_for_the_second_call_of_a_bill(store: Any, who: str) -> None:
    """Earlier, the poll ignored a payee's freeze, a ceiling, and the hold after a restore."""
    member_id, bill = await _sent(store)
    pay = FakeTransfers(faults=[Unknown("timeout")])
    await payouts.send_bill(store, pay, TERMS, bill)
    forget_leases()
    thaw()
    await store.write(payouts.check_ledger)
    await store.write(_forbid, who, member_id)
    await payouts.query_due_bills(store, pay)
    assert len(pay.requests) == 1
    problem = await payouts.send_bill(store, pay, TERMS, bill)
    assert isinstance(problem, Problem)
    assert problem.code == FORBIDS[who]
    assert len(pay.requests) == 1


def _forbid(who: str, member_id: int) -> None:
    if who == "freeze":
        payouts.freeze_payee(member_id, "staff:1", "刷单嫌疑")
    elif who == "ceiling":
        settings.change(settings.PayoutBrakes, {"per_person_day_fen": 1})
    else:
        after_restore_hold.begin_hold("restored", clock.now())


async def test_the_gate_lets_one_of_ten_parallel_calls_pass(store: Any) -> None:
    _, bill = await _sent(store)
    answers = await at_once(store, [partial(gate.enter_gate, "transfer", bill, "w", TERMS)] * 10)
    assert outcomes(answers) == {"ok": 10}
    assert sum(isinstance(a, Pass) for a in answers) == 1
    assert {a.code for a in answers if isinstance(a, Problem)} == {"call_under_way"}
    assert await store.read(MoneyCall.select().count) == 1
