"""WeChat's clock minutes off ours: by its signed time calls go on, and nothing else moves it."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import Retryable
from tests.contract.shop import Simulated
from tests.contract.test_pay_simulator import order, paid, refund_of


async def apart(world: Simulated, seconds: int) -> None:
    """WeChat's clock moves, ours stays."""
    await world.sim("clock", advance_seconds=seconds, notify_app=False)


def proven(world: Simulated) -> int:
    return world.pay.client.signer.time.apart


@pytest.mark.parametrize("seconds", [360, 660, 870, -360, -660, -870])
async def test_up_to_fifteen_minutes_a_call_goes_on_under_its_number(
    world: Simulated, seconds: int
) -> None:
    """The till said 502 while a clock was eleven minutes off."""
    await apart(world, seconds)
    placed = order(world)
    assert (await world.pay.prepay_native(placed)).startswith("weixin://")
    assert abs(proven(world) - seconds) <= 2
    assert (await world.pay.query_payment(placed.out_trade_no)).state == "NOTPAY"
    book = await world.sim("book", "GET")
    assert len(book["orders"]) == 1  # the questions about the time leave nothing there


@pytest.mark.parametrize("seconds", [1000, 1400, -1000, -1400])
async def test_beyond_that_nothing_is_corrected(world: Simulated, seconds: int) -> None:
    await apart(world, seconds)
    with pytest.raises(Retryable, match="SIGN_ERROR"):
        await world.pay.prepay_native(order(world))
    assert proven(world) == 0


@pytest.mark.parametrize("fault", [{"unsigned": True}, {"bad_signature": True}])
async def test_an_answer_that_wechat_did_not_sign_moves_no_clock(
    world: Simulated, fault: dict[str, Any]
) -> None:
    """HTTP's ``Date`` says the right time here, and is not believed."""
    await apart(world, 660)
    await world.fault(None, match={"kind": "pay"}, **fault)
    with pytest.raises(Retryable, match="SIGN_ERROR"):
        await world.pay.prepay_native(order(world))
    assert proven(world) == 0


async def test_an_old_answer_is_not_taken_for_another_time(world: Simulated) -> None:
    """Ten minutes old and well signed: an answer kept and sent again, not WeChat's clock."""
    placed = order(world)
    await world.pay.prepay_native(placed)
    await world.fault(None, match={"kind": "pay"}, stale_timestamp=True)
    with pytest.raises(Retryable, match="answer_time"):
        await world.pay.query_payment(placed.out_trade_no)
    assert proven(world) == 0


async def test_notifications_keep_their_five_minutes_by_the_proven_time(world: Simulated) -> None:
    openid, placed = await world.follower("lin"), order(world)
    await apart(world, 660)
    await paid(world, "lin", openid, placed)
    assert world.shop.refused == []
    # ten minutes old by WeChat's clock, of this minute by ours: old
    await world.fault(match={"kind": "notify.refund"}, stale_timestamp=True)
    await world.pay.refund(refund_of(world, placed, 100))
    await world.shop.next()
    assert world.shop.refused == ["notify_time"]


async def test_before_anything_is_proven_ours_decides_and_a_notification_proves_nothing(
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
    assert world.pay.client.is_time_wanted  # the background measures, and WeChat says it again
    await world.pay.client.measure()
    assert (await world.shop.next()).result is not None


async def test_a_push_signed_by_wechats_clock_is_taken_once_that_is_proven(
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
