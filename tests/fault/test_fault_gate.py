"""WeChat executes a payout call after it timed out, and refuses the repeated call meanwhile.

During this the payee opens the page, staff query the transfer, and payouts are stopped. The payee
is paid once and both books agree. As long as the outcome is unknown, the pages say that it is.
"""

from __future__ import annotations

import asyncio

import pytest

from domain import payouts
from kernel import clock
from models import PayoutBill, Withdrawal
from tests.factories.transfers import age_calls
from tests.fault import people
from tests.harness.merchant import Merchant, told
from tests.harness.world import World

TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"


@pytest.fixture
async def owner(world: World) -> Merchant:
    """The merchant, signed in before the first fault."""
    return await Merchant(world).sign_in()


async def _bill(world: World) -> PayoutBill:
    return await world.runtime.store.read(PayoutBill.get)


async def _ask_now(world: World) -> None:
    """Run the poll as if it were due; WeChat would refuse the held call after a jump in time."""
    store = world.runtime.store
    now = PayoutBill.update(next_query_at=clock.now())
    await store.write(now.execute)
    await payouts.query_due_bills(store, world.runtime.pay)


async def test_a_payout_that_wechat_executes_after_our_time_out_is_paid_once(
    world: World, owner: Merchant
) -> None:
    store = world.runtime.store
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    match = {"kind": "pay", "method": "POST", "path_is": TRANSFERS}
    steps = [
        {"hold_before_effect": "first"},
        {"effect": False, "answer": {"status": 400, "code": "PARAM_ERROR", "message": "参数错误"}},
    ]
    await world.sim("POST", "/plans", {"match": match, "steps": steps})
    wd = await people.ask_payout(world, 1000)
    arrived = await world.sim("POST", "/holds/first/arrival", {"timeout_s": 20})
    assert arrived["waiting"] == 1
    # while the first call is under way, page, staff and poll only query
    for _ in range(5):
        await hui.open(f"/m/pay/transfer/{wd}/state")
        page = await owner.page(f"/admin/withdrawals/{wd}")
        await owner.submit(page.form("/query"))
        await payouts.query_due_bills(store, world.runtime.pay)
    assert (await world.sim("GET", "/book"))["transfers"] == []
    for _ in range(300):  # until our first call has timed out
        if (await _bill(world)).fail_reason:
            break
        await asyncio.sleep(0.1)
    assert (await _bill(world)).state == "paying"

    await store.write(age_calls)
    await _ask_now(world)
    found = await _bill(world)
    assert (found.state, found.fail_reason) == ("paying", "PARAM_ERROR")
    assert found.uncertain_at is not None
    await told(owner, "/admin/", "是否到达微信不能确定")
    await told(owner, "/admin/withdrawals?view=uncertain", "不能确定")
    await told(owner, f"/admin/withdrawals/{wd}", "是否已到微信不能确定", "不会退回，也不会重复付")

    await store.write(payouts.stop_payouts, "staff:owner", "核对这笔付款")
    await world.sim("POST", "/holds/first/release")
    await _ask_now(world)
    found = await _bill(world)
    assert (found.state, found.uncertain_at) == ("awaiting_user", None)
    await store.write(payouts.resume_payouts, "staff:owner")
    await store.write(age_calls)
    await world.move(minutes=40)
    number = (await _bill(world)).out_bill_no
    await world.sim("POST", f"/phones/{hui.id}/transfers/{number}", {"decision": "confirm"})
    await people.rest(world, 2)
    assert (await people.withdrawal(world, wd)).state == "paid"
    assert await store.read(Withdrawal.select().count) == 1
    book = await world.sim("GET", "/book")
    assert [each["state"] for each in book["transfers"]] == ["SUCCESS"]
    await people.agreed(world)
    await told(owner, "/admin/", never=["不能确定"])
