"""WeChat's clock differs from ours: only WeChat's signed time corrects our signatures."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import Retryable
from tests.contract.shop import Simulated
from tests.contract.test_pay_simulator import order, paid, refund_of


async def apart(world: Simulated, seconds: int) -> None:
    """Move WeChat's clock only."""
    await world.sim("clock", advance_seconds=seconds, notify_app=False)


def proven(world: Simulated) -> int:
    return world.pay.client.signer.time.apart


@pytest.mark.parametrize("seconds", [360, 660, 870, -360, -660, -870])
async def test_a_difference_up_to_fifteen_minutes_is_corrected(
    world: Simulated, seconds: int
) -> None:
    """Earlier, the pay page answered 502 when a clock was eleven minutes off."""
    await apart(world, seconds)
    placed = order(world)
    assert (await world.pay.prepay_native(placed)).startswith("weixin://")
    assert abs(proven(world) - seconds) <= 2
    assert (await world.pay.query_payment(placed.out_trade_no)).state == "NOTPAY"
    book = await world.sim("book", "GET")
    assert len(book["orders"]) == 1  # the calls that measure the time leave no orders


@pytest.mark.parametrize("seconds", [1000, 1400, -1000, -1400])
async def test_a_difference_over_fifteen_minutes_is_not_corrected(
    world: Simulated, seconds: int
) -> None:
    await apart(world, seconds)
    with pytest.raises(Retryable, match="SIGN_ERROR"):
        await world.pay.prepay_native(order(world))
    assert proven(world) == 0


@pytest.mark.parametrize("fault", [{"unsigned": True}, {"bad_signature": True}])
async def test_an_answer_without_a_valid_signature_corrects_nothing(
    world: Simulated, fault: dict[str, Any]
) -> None:
    """The HTTP header ``Date`` has the right time here, but is not signed."""
    await apart(world, 660)
    await world.fault(None, match={"kind": "pay"}, **fault)
    with pytest.raises(Retryable, match="SIGN_ERROR"):
        await world.pay.prepay_native(order(world))
    assert proven(world) == 0


async def test_an_old_signed_answer_is_not_taken_as_wechats_time(world: Simulated) -> None:
    """A validly signed answer that is ten minutes old may be a replay."""
    placed = order(world)
    await world.pay.prepay_native(placed)
    await world.fault(None, match={"kind": "pay"}, stale_timestamp=True)
    with pytest.raises(Retryable, match="answer_time"):
        await world.pay.query_payment(placed.out_trade_no)
    assert proven(world) == 0


async def test_the_age_limit_of_notifications_uses_the_corrected_time(world: Simulated) -> None:
    openid, placed = await world.follower("lin"), order(world)
    await apart(world, 660)
    await paid(world, "lin", openid, placed)
    assert world.shop.refused == []
    # ten minutes old by WeChat's clock, new by ours: refused as old
    await world.fault(match={"kind": "notify.refund"}, stale_timestamp=True)
    await world.pay.refund(refund_of(world, placed, 100))
    await world.shop.next()
    assert world.shop.refused == ["notify_time"]


async def test_a_notification_is_judged_by_our_clock_until_a_call_corrected_it(
    world: Simulated,
) -> None:
    openid = await world.follower("wang")
    placed = order(world)
    prepay_id = await world.pay.prepay_jsapi(placed, openid)
    await apart(world, 660)
    await world.sim("phones/wang/pay", prepay_id=prepay_id)
    await world.sim("idle", timeout_s=1)
    assert set(world.shop.refused) == {"notify_time"}
    assert proven(world) == 0
    assert world.pay.client.is_time_wanted  # a task measures; WeChat repeats it
    await world.pay.client.measure()
    assert (await world.shop.next()).result is not None


async def test_a_push_is_accepted_once_wechats_time_was_measured(
    world: Simulated,
) -> None:
    await world.follower("lin")
    inbound = world.wechat.inbound
    inbound._now = world.pay.client.signer.time.timestamp
    inbound._on_old = world.pay.client.want_time
    await apart(world, 660)
    await world.sim("phones/lin/text", content="你好")
    assert set(world.shop.refused) == {"time"}
    assert world.pay.client.is_time_wanted
    await world.pay.client.measure()
    assert (await world.sim("phones/lin/text", content="你好"))["push"]["outcome"] == "reply"
