"""Certificates, the public key, and the switch between them, from the shop's side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from domain.payments.ports import PaymentResult, TradeState, TransferState
from gateways.wechatpay import WeChatPay
from gateways.wechatpay.doctor import pay_keys
from kernel import clock
from kernel.errors import Refused, Retryable
from simulator.keys import DemoKeys
from simulator.settings import Settings
from tests.contract.conftest import pay_config
from tests.contract.shop import Simulated
from tests.contract.test_pay_simulator import move, order, transfer_to

PUBLIC = Settings.public_key_id
NO_PUBLIC_KEY: dict[str, Any] = {"public_key": None, "public_key_id": None}
NO_CERTIFICATE: dict[str, Any] = {"certificates": []}
NAMED = 250_000
"""An amount from which the payee's name is needed, in fen."""


def shop_with(
    world: Simulated, session: ClientSession, keys: DemoKeys, **changes: Any
) -> WeChatPay:
    """Configure the shop anew; it also receives the notifications."""
    world.pay = world.shop.pay = WeChatPay(pay_config(world.base, keys, **changes), session)
    return world.pay


async def bought(world: Simulated, openid: str) -> PaymentResult:
    """Place and pay an order; its notification and its query are accepted and agree."""
    placed = order(world, 100)
    prepay_id = await world.pay.prepay_jsapi(placed, openid)
    await world.sim("phones/lin/pay", params=world.pay.jsapi_params(prepay_id))
    told = await world.shop.next()
    while not isinstance(told.result, PaymentResult):  # notifications of transfers
        told = await world.shop.next()
    asked = await world.pay.query_payment(placed.out_trade_no)
    assert told.result == asked
    assert asked.state is TradeState.SUCCESS
    return asked


async def paid_out(world: Simulated, openid: str) -> None:
    """Send a transfer with an encrypted name; WeChat decrypts and compares the name."""
    request = transfer_to(world, openid, NAMED, user_name="林小泉")
    assert (await world.pay.transfer(request)).state is TransferState.WAIT_USER_CONFIRM
    wrong = transfer_to(world, openid, NAMED, user_name="别人")
    assert (await world.pay.transfer(wrong)).fail_reason == "NAME_NOT_CORRECT"


async def diagnosis(world: Simulated) -> tuple[str, str]:
    check = await pay_keys("", world.pay, world.pay.client.caller)
    return check.state, check.found + check.what_to_do_zh


async def test_a_shop_with_certificates_only_works_through_a_rotation(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    pay = shop_with(world, session, keys, **NO_PUBLIC_KEY)
    await world.sim("keys", phase="certificate")
    await bought(world, openid)
    await paid_out(world, openid)
    await world.sim("keys", rotate={}, signs="old")
    await bought(world, openid)
    await pay.keeper.refresh()
    assert len(pay.client.signer.ring.current()) == 2
    await world.sim("keys", signs="new")
    await bought(world, openid)
    await paid_out(world, openid)
    await move(world, days=11)
    assert len(pay.client.signer.ring.current()) == 1
    await bought(world, openid)
    await paid_out(world, openid)


async def test_a_new_certificate_is_fetched_when_an_answer_names_it(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    pay = shop_with(world, session, keys, **NO_PUBLIC_KEY)
    await world.sim("keys", phase="certificate", rotate={"old_ends_in_s": 60})
    await move(world, minutes=2)
    await pay.prepay_jsapi(order(world), openid)
    await bought(world, openid)
    await paid_out(world, openid)


async def test_before_the_switch_answers_signed_by_a_certificate_are_accepted(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    shop_with(world, session, keys)
    await world.sim("keys", phase="certificate")
    await paid_out(world, openid)  # the name is encrypted again for the key in force
    await bought(world, openid)
    state, words = await diagnosis(world)
    assert state == "warn"
    assert "平台证书应答" in words


async def test_the_switch_to_the_public_key_and_back_needs_no_restart(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    pay = shop_with(world, session, keys)
    signer = pay.client.signer
    await world.sim("keys", phase="certificate")
    await bought(world, openid)
    assert signer.sealing_serial != PUBLIC
    await world.sim("keys", phase="switching")
    for by in ("certificate", "public_key"):
        await world.sim("notify", by=by)
        await bought(world, openid)
    assert signer.sealing_serial == PUBLIC
    await paid_out(world, openid)
    assert (await diagnosis(world))[0] == "ok"
    await world.sim("keys", phase="public_key")
    await bought(world, openid)
    await paid_out(world, openid)
    await world.sim("keys", phase="certificate")
    await paid_out(world, openid)
    await bought(world, openid)
    assert world.shop.refused == []


@pytest.mark.parametrize("day", range(8))
async def test_on_every_day_of_the_switch_notifications_are_accepted(
    world: Simulated, session: ClientSession, keys: DemoKeys, day: int
) -> None:
    openid = await world.follower("lin")
    shop_with(world, session, keys)
    await world.sim("keys", phase="switching")
    await move(world, days=day)
    shown = await world.sim("keys", "GET")
    assert shown["notify_public_key_percent"] == (0.1, 1, 5, 10, 20, 50, 100, 100)[day]
    await bought(world, openid)
    assert world.shop.refused == []


async def test_a_shop_with_the_public_key_only_fetches_certificates_for_the_switch(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin")
    pay = shop_with(world, session, keys, **NO_CERTIFICATE)
    await pay.keeper.refresh()  # as at the start of the process
    await world.sim("notify", by="certificate")
    await bought(world, openid)
    assert world.shop.refused == []
    state, words = await diagnosis(world)
    assert state == "ok"
    assert "切换期" in words


async def test_a_new_merchant_needs_no_certificates(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    pay = shop_with(world, session, keys, **NO_CERTIFICATE)
    await world.sim("keys", phase="public_key")
    await pay.keeper.refresh()
    await bought(world, openid)
    await paid_out(world, openid)
    assert await diagnosis(world) == ("ok", "微信支付公钥")


async def test_a_shop_with_certificates_only_is_refused_when_none_are_left(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    pay = shop_with(world, session, keys, **NO_PUBLIC_KEY)
    await world.sim("keys", phase="public_key")
    with pytest.raises(Refused) as caught:
        await pay.keeper.refresh()
    assert caught.value.code == "RESOURCE_NOT_EXISTS"


async def test_an_expired_certificate_verifies_no_answer(
    world: Simulated, session: ClientSession, keys: DemoKeys
) -> None:
    openid = await world.follower("lin")
    pay = shop_with(world, session, keys, **NO_PUBLIC_KEY)
    await world.sim("keys", phase="certificate")
    clock.set_offset(timedelta(days=6 * 365))  # our clock only; WeChat still signs with it
    (serial,) = pay.client.signer.ring.keys
    assert pay.client.signer.ring.find(serial) is None
    with pytest.raises(Retryable) as caught:
        await pay.transfer(transfer_to(world, openid, NAMED, user_name="林小泉"))
    assert caught.value.code == "no_key"
    book = await world.sim("book", "GET")
    assert book["transfers"] == []
