"""Payouts under an authorisation (免确认收款授权): parallel workers, a slow call, its end."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from domain import distribution, gate, payouts, settings
from domain.payments.ports import GrantState, TransferRequest, TransferResult, TransferState
from models import MoneyCall, PayoutBill, PayoutGrant
from tests.factories.transfers import TERMS, FakeTransfers, bill_of, forget_leases
from tests.race.crowd import at_once
from tests.race.sales import thaw
from tests.race.test_race_money import EARNED, _rich


class SlowGranted(FakeTransfers):
    """The first transfer under the authorisation takes effect once ``go`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.is_there, self.go = asyncio.Event(), asyncio.Event()

    async def transfer_granted(self, request: TransferRequest) -> TransferResult:
        if not self.is_there.is_set():
            self.is_there.set()
            await self.go.wait()
        return await super().transfer_granted(request)


async def _granted(store: Any, pay: FakeTransfers, fen: int = EARNED) -> tuple[int, list[int]]:
    """A distributor with an authorisation in force, and the bills of their withdrawals."""
    seller = await _rich(store)
    await payouts.request_grant(store, pay, TERMS, seller.member_id)  # type: ignore[arg-type]
    pay.grant_becomes(GrantState.TAKING_EFFECT)
    (result,) = pay.grants.values()
    assert await store.write(payouts.receive_grant, result) == "active"
    bills = []
    for _ in range(EARNED // fen):
        made = await store.write(distribution.request_withdrawal, seller.member_id, fen)
        bills.append(await store.read(bill_of, made["withdrawal_id"]))
    return seller.member_id, bills


async def test_two_workers_send_a_bill_under_an_authorisation_once(store: Any) -> None:
    pay = SlowGranted()
    _, (bill,) = await _granted(store, pay)
    first = asyncio.create_task(payouts.send_bill(store, pay, TERMS, bill))  # type: ignore[arg-type]
    await pay.is_there.wait()
    thaw()
    others = [payouts.send_bill(store, pay, TERMS, bill, f"w{n}") for n in range(5)]  # type: ignore[arg-type]
    looks = [payouts.query_bill_at_wechat(store, pay, bill) for _ in range(5)]  # type: ignore[arg-type]
    await asyncio.gather(*others, *looks, payouts.query_due_bills(store, pay))  # type: ignore[arg-type]
    pay.go.set()
    await first
    assert (len(pay.granted), pay.requests, len(pay.bills)) == (1, [], 1)
    assert (await store.read(payouts.bill_detail, bill)).state == "paid"


async def test_a_bill_with_an_open_call_is_not_sent_another_way(store: Any) -> None:
    """The payee ends the authorisation and the worker dies; the open call may still pay."""
    pay = SlowGranted()
    member_id, (bill,) = await _granted(store, pay)
    first = asyncio.create_task(payouts.send_bill(store, pay, TERMS, bill))  # type: ignore[arg-type]
    await pay.is_there.wait()
    await payouts.close_grant(store, pay, TERMS, member_id, f"member:{member_id}")  # type: ignore[arg-type]
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    forget_leases()
    await payouts.send_bill(store, pay, TERMS, bill, "worker-2")  # type: ignore[arg-type]
    shown = await store.read(payouts.bill_detail, bill)
    assert (shown.state, shown.channel, pay.requests) == ("paying", "granted", [])
    assert await store.read(gate.has_open_calls, "payout", bill)
    pay.bills[shown.out_bill_no] = TransferResult(  # the first call takes effect late
        TransferState.SUCCESS, shown.out_bill_no, amount_fen=shown.net_fen, mchid=pay.mchid,
    )  # fmt: skip
    assert await payouts.query_bill_at_wechat(store, pay, bill) == "paid"  # type: ignore[arg-type]
    assert not await store.read(gate.has_open_calls, "payout", bill)


async def test_two_bills_at_once_keep_to_the_daily_sum(store: Any) -> None:
    pay = FakeTransfers()
    await store.write(settings.change, settings.Distribution, {"withdraw_per_day": 10})
    half = EARNED // 2
    _, bills = await _granted(store, pay, half)
    await store.write(settings.change, settings.PayoutBrakes, {"granted_person_day_fen": half})

    calls = [partial(gate.enter_gate, "granted", bill, "race", TERMS) for bill in bills]
    await at_once(store, calls)
    sent = await store.read(
        lambda: [row.channel for row in PayoutBill.select().where(PayoutBill.sent_at > 0)]
    )
    assert sent == ["granted"]
    assert await store.read(lambda: MoneyCall.select().count()) == 1


async def test_eight_parallel_requests_make_one_authorisation(store: Any) -> None:
    seller = await _rich(store)
    pay = FakeTransfers()
    asks = [payouts.request_grant(store, pay, TERMS, seller.member_id) for _ in range(8)]  # type: ignore[arg-type]
    await asyncio.gather(*asks)
    assert len(pay.grants) == 1
    assert await store.read(lambda: PayoutGrant.select().count()) == 1
