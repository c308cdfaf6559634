"""Only the documented HTTP status is success; for a close it is 204."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from aiohttp import web

from domain.payments.ports import TradeState
from gateways.wechatpay import WeChatPay
from kernel.errors import GatewayError, Retryable, Unknown
from tests.contract.conftest import OPENID
from tests.contract.fakes import Fake, PaySeal
from tests.contract.paying import (
    NO,
    ORDER,
    ORDER_PATH,
    PAID,
    PREPAY,
    REFUND,
    REFUNDS,
    TRANSFER,
    TRANSFERS,
)
from tests.contract.shop import Simulated
from tests.contract.test_pay_simulator import move, order

DAY = date(2026, 11, 21)
DONE: dict[str, Any] = {
    "prepay_id": "wx1",
    "code_url": "weixin://1",
    "h5_url": "https://h5",
    "refund_id": "50",
    "out_refund_no": "RF1",
    "transaction_id": "42",
    "out_trade_no": NO,
    "status": "SUCCESS",
    "amount": {"refund": 100, "total": 29800, "payer_total": 29800, "currency": "CNY"},
    "out_bill_no": "WD1",
    "transfer_bill_no": "13",
    "state": "SUCCESS",
    "create_time": "2026-11-22T20:34:56+08:00",
    "update_time": "2026-11-22T20:34:56+08:00",
}
Call = Callable[[WeChatPay], Awaitable[Any]]
WRITES: dict[str, tuple[str, int, Call]] = {
    "jsapi": (PREPAY, 200, lambda p: p.prepay_jsapi(ORDER, OPENID)),
    "native": (
        "/v3/pay/transactions/native", 200, lambda p: p.prepay_native(ORDER),
    ),
    "h5": ("/v3/pay/transactions/h5", 200, lambda p: p.prepay_h5(ORDER, "203.0.113.9")),
    "close": (f"{ORDER_PATH}/close", 204, lambda p: p.close_payment(NO)),
    "refund": (REFUNDS, 200, lambda p: p.refund(REFUND)),
    "transfer": (TRANSFERS, 200, lambda p: p.transfer(TRANSFER)),
    "cancel": (
        f"{TRANSFERS}/out-bill-no/WD1/cancel", 200, lambda p: p.cancel_transfer("WD1"),
    ),
}  # fmt: skip
READS: dict[str, tuple[str, int, Call]] = {
    "payment": (ORDER_PATH, 200, lambda p: p.query_payment(NO)),
    "refund": (f"{REFUNDS}/RF1", 200, lambda p: p.query_refund("RF1")),
    "transfer": (f"{TRANSFERS}/out-bill-no/WD1", 200, lambda p: p.query_transfer("WD1")),
    "bill": ("/v3/bill/tradebill", 200, lambda p: p.trade_bill(DAY)),
}


def _strange(promised: int) -> list[int]:
    return [status for status in (200, 201, 202, 204, 206) if status != promised]


@pytest.mark.parametrize("name", WRITES)
async def test_another_2xx_of_a_call_that_changes_something_is_not_success(
    fake: Fake, pay: WeChatPay, seal: PaySeal, name: str
) -> None:
    path, promised, call = WRITES[name]
    assert len(_strange(promised)) >= 4
    for status in _strange(promised):
        body = None if status == 204 else DONE
        fake.routes[path] = lambda _, body=body, status=status: seal.answer(body, status)
        with pytest.raises(Unknown):
            await call(pay)


@pytest.mark.parametrize("name", READS)
async def test_another_2xx_of_a_query_is_not_an_answer(
    fake: Fake, pay: WeChatPay, seal: PaySeal, name: str
) -> None:
    path, promised, call = READS[name]
    assert len(_strange(promised)) >= 4
    for status in _strange(promised):
        body = None if status == 204 else DONE | PAID
        fake.routes[path] = lambda _, body=body, status=status: seal.answer(body, status)
        with pytest.raises(Retryable):
            await call(pay)


@pytest.mark.parametrize("name", [*WRITES, *READS])
async def test_a_200_without_its_body_is_not_success(
    fake: Fake, pay: WeChatPay, seal: PaySeal, name: str
) -> None:
    path, promised, call = (WRITES | READS)[name]
    if promised == 204:
        return
    fake.routes[path] = lambda _: seal.answer(None)
    with pytest.raises(GatewayError):
        await call(pay)


async def test_a_bill_with_another_2xx_is_not_read(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    fake.routes["/v3/bill/tradebill"] = lambda _: seal.answer(
        {"hash_type": "SHA1", "hash_value": "0", "download_url": f"{fake.base}/file?token=1"}
    )
    fake.routes["/file"] = lambda _: web.Response(status=203, body=b"bill")
    with pytest.raises(Retryable):
        await pay.trade_bill(DAY)


@pytest.mark.parametrize("code", ["USERPAYING", "USER_PAYING"])
async def test_a_202_of_a_close_does_not_mean_closed(
    fake: Fake, pay: WeChatPay, seal: PaySeal, code: str
) -> None:
    body = {"code": code, "message": "用户支付中，需要输入密码"}
    fake.routes[f"{ORDER_PATH}/close"] = lambda _: seal.answer(body, 202)
    with pytest.raises(Retryable) as caught:
        await pay.close_payment(NO)
    assert caught.value.code == "USERPAYING"


async def test_a_202_of_a_close_without_a_body_is_unknown(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    fake.routes[f"{ORDER_PATH}/close"] = lambda _: seal.answer(None, 202)
    with pytest.raises(Unknown):
        await pay.close_payment(NO)


# --- against the simulator


async def test_an_order_is_not_closed_while_its_pay_sheet_is_open(world: Simulated) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    params = world.pay.jsapi_params(await world.pay.prepay_jsapi(placed, openid))
    await world.sim("phones/lin/js/pay", params=params)
    with pytest.raises(Retryable) as caught:
        await world.pay.close_payment(placed.out_trade_no)
    assert caught.value.code == "USERPAYING"
    assert (await world.pay.query_payment(placed.out_trade_no)).state is TradeState.NOTPAY
    assert (await world.sim("phones/lin/pay", params=params))["result"] == "ok"
    assert (await world.pay.query_payment(placed.out_trade_no)).state is TradeState.SUCCESS


@pytest.mark.parametrize("end", ["cancel", "fail", "forgotten"])
async def test_an_order_is_closed_after_its_pay_sheet_was_left(world: Simulated, end: str) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    params = world.pay.jsapi_params(await world.pay.prepay_jsapi(placed, openid))
    await world.sim("phones/lin/js/pay", params=params)
    if end == "forgotten":
        await move(world, minutes=6)
    else:
        await world.sim("phones/lin/pay", params=params, result=end)
    await world.pay.close_payment(placed.out_trade_no)
    assert (await world.pay.query_payment(placed.out_trade_no)).state is TradeState.CLOSED


async def test_an_order_is_not_closed_while_one_of_two_pay_sheets_is_open(
    world: Simulated,
) -> None:
    await world.person("lin")
    await world.person("wang")
    placed = order(world)
    code = await world.pay.prepay_native(placed)
    for name in ("lin", "wang"):
        await world.sim(f"phones/{name}/scan", content=code)
    await world.sim("phones/lin/pay", code_url=code, result="cancel")
    with pytest.raises(Retryable):
        await world.pay.close_payment(placed.out_trade_no)
    await world.sim("phones/wang/pay", code_url=code, result="cancel")
    await world.pay.close_payment(placed.out_trade_no)
