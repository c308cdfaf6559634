"""The pay gateway against the simulator: complete flows with real keys, and bills."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.payments.ports import (
    FundBill,
    Notification,
    PaymentResult,
    PrepayRequest,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    TransferRequest,
    TransferResult,
    TransferState,
)
from gateways.wechatpay import WeChatPay
from kernel import clock, ids
from kernel.errors import Refused, Retryable, Unknown
from simulator.keys import DemoKeys
from tests.contract.conftest import pay_config
from tests.contract.shop import Simulated


def order(world: Simulated, amount_fen: int = 29800, **changes: Any) -> PrepayRequest:
    """A payment request as the mall sends it."""
    values: dict[str, Any] = {
        "out_trade_no": ids.out_number("PA"),
        "amount_fen": amount_fen,
        "description": "山泉坊·陈酿52度, 500ml",
        "notify_url": world.url("/pay/notify"),
        "expires_at": clock.now() + timedelta(minutes=30),
        "attach": "o:1",
    }
    return PrepayRequest(**(values | changes))


def refund_of(world: Simulated, placed: PrepayRequest, fen: int) -> RefundRequest:
    return RefundRequest(
        ids.out_number("RF"),
        placed.out_trade_no,
        fen,
        placed.amount_fen,
        world.url("/pay/refund-notify"),
        "case",
        "ORD261122ABCDEFGHJKMN",
    )


def transfer_to(world: Simulated, openid: str, fen: int = 5000, **changes: Any) -> TransferRequest:
    values: dict[str, Any] = {
        "out_bill_no": ids.out_number("WD"),
        "openid": openid,
        "amount_fen": fen,
        "remark": "佣金提现",
        "notify_url": world.url("/pay/transfer-notify"),
        "scene_id": "1005",
        "report_infos": (("岗位类型", "分销员"), ("报酬说明", "推广佣金")),
    }
    return TransferRequest(**(values | changes))


async def paid(world: Simulated, name: str, openid: str, placed: PrepayRequest) -> Notification:
    """Place an order, pay it with the page's own signed arguments, return the notification."""
    prepay_id = await world.pay.prepay_jsapi(placed, openid)
    params = world.pay.jsapi_params(prepay_id)
    result = await world.sim(f"phones/{name}/pay", params=params)
    assert result["result"] == "ok", result
    return await world.shop.next()


async def move(world: Simulated, **by: float) -> None:
    """Move both clocks: ours and WeChat's."""
    step = timedelta(**by)
    clock.set_offset(clock.offset() + step)
    await world.sim("clock", offset_seconds=clock.offset().total_seconds(), notify_app=False)


# --- payments


async def test_notification_and_query_of_a_payment_agree(world: Simulated) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    before = await world.pay.query_payment(placed.out_trade_no)
    await world.pay.prepay_jsapi(placed, openid)
    waiting = await world.pay.query_payment(placed.out_trade_no)
    told = await paid(world, "lin", openid, placed)
    asked = await world.pay.query_payment(placed.out_trade_no)
    assert (before.state, waiting.state) == (TradeState.ABSENT, TradeState.NOTPAY)
    assert told.event_type == "TRANSACTION.SUCCESS"
    assert told.result == asked
    assert asked.state is TradeState.SUCCESS
    assert (asked.mchid, asked.appid, asked.amount_fen, asked.currency) == (
        world.pay.mchid,
        world.pay.appid,
        29800,
        "CNY",
    )
    assert (asked.payer_openid, asked.attach, asked.trade_type) == (openid, "o:1", "JSAPI")
    assert asked.success_at is not None


async def test_an_order_may_be_repeated_but_not_changed_under_its_number(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    assert await world.pay.prepay_jsapi(placed, openid)
    assert await world.pay.prepay_jsapi(placed, openid)
    with pytest.raises(Refused) as caught:
        await world.pay.prepay_jsapi(
            order(world, 1, out_trade_no=placed.out_trade_no, expires_at=placed.expires_at), openid
        )
    assert caught.value.code == "INVALID_REQUEST"


@pytest.mark.parametrize("way", ["native", "h5"])
async def test_other_ways_to_pay(world: Simulated, way: str) -> None:
    await world.person("lin")
    placed = order(world)
    if way == "native":
        facts = {"code_url": await world.pay.prepay_native(placed)}
    else:
        facts = {"h5_url": await world.pay.prepay_h5(placed, "203.0.113.9")}
    await world.sim("phones/lin/pay", **facts)
    told = await world.shop.next()
    assert isinstance(told.result, PaymentResult)
    assert told.result.trade_type == {"native": "NATIVE", "h5": "MWEB"}[way]


async def test_a_closed_order_takes_no_money_and_a_paid_one_cannot_be_closed(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    closed, bought = order(world), order(world)
    prepay_id = await world.pay.prepay_jsapi(closed, openid)
    await world.pay.close_payment(closed.out_trade_no)
    await world.pay.close_payment(closed.out_trade_no)
    result = await world.sim("phones/lin/pay", prepay_id=prepay_id)
    assert result["result"] == "fail"
    assert (await world.pay.query_payment(closed.out_trade_no)).state is TradeState.CLOSED
    await paid(world, "lin", openid, bought)
    with pytest.raises(Refused) as caught:
        await world.pay.close_payment(bought.out_trade_no)
    assert caught.value.code == "ORDER_PAID"


@pytest.mark.parametrize("by", ["certificate", "public_key"])
async def test_notifications_signed_by_either_key_are_accepted(world: Simulated, by: str) -> None:
    openid = await world.follower("lin")
    await world.sim("notify", by=by)
    assert (await paid(world, "lin", openid, order(world))).result is not None
    assert world.shop.refused == []


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        ({"bad_signature": True}, ["notify_signature"]),
        ({"stale_timestamp": True}, ["notify_time"]),
        ({"signtest": True}, ["notify_probe"]),
        ({"no_signature_type": True}, []),
        ({"lose": True}, []),
    ],
)
async def test_an_invalid_notification_is_refused_and_a_valid_one_follows(
    world: Simulated, fault: dict[str, Any], refused: list[str]
) -> None:
    openid = await world.follower("lin")
    await world.fault(match={"kind": "notify.pay"}, **fault)
    placed = order(world)
    told = await paid(world, "lin", openid, placed)
    assert isinstance(told.result, PaymentResult)
    assert told.result.out_trade_no == placed.out_trade_no
    assert world.shop.refused == refused


async def test_a_query_replaces_a_lost_notification(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.fault(match={"kind": "notify"}, lose_all=True)
    placed = order(world)
    prepay_id = await world.pay.prepay_jsapi(placed, openid)
    await world.sim("phones/lin/pay", prepay_id=prepay_id)
    assert (await world.pay.query_payment(placed.out_trade_no)).state is TradeState.SUCCESS
    assert world.shop.notifications.empty()


# --- what goes wrong between us and WeChat Pay


@pytest.mark.parametrize(
    "action",
    [
        {"drop": True},
        {"status": 500, "code": "SYSTEM_ERROR"},
        {"garbage": True},
        {"bad_signature": True},
        {"stale_timestamp": True},
        {"unsigned": True},
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_refund_is_unknown_and_the_same_number_refunds_once(
    world: Simulated, action: dict[str, Any], when: str
) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    await paid(world, "lin", openid, placed)
    match = {"kind": "pay", "path": "/v3/refund", "method": "POST"}
    await world.fault(match=match, when=when, **action)
    request = refund_of(world, placed, 9800)
    with pytest.raises(Unknown):
        await world.pay.refund(request)
    await world.pay.refund(request)
    book = await world.sim("book", "GET")
    assert [(r["out_refund_no"], r["amount_fen"]) for r in book["refunds"]] == [
        (request.out_refund_no, 9800)
    ]


@pytest.mark.parametrize("action", [{"drop": True}, {"status": 503}, {"unsigned": True}])
async def test_a_failed_query_is_retryable(world: Simulated, action: dict[str, Any]) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    await world.pay.prepay_jsapi(placed, openid)
    await world.fault(None, match={"kind": "pay", "method": "GET"}, **action)
    with pytest.raises(Retryable):
        await world.pay.query_payment(placed.out_trade_no)
    await world.sim("faults", "DELETE")
    assert (await world.pay.query_payment(placed.out_trade_no)).state is TradeState.NOTPAY


async def test_a_call_signed_with_a_wrong_merchant_key_is_a_sign_error(
    world: Simulated, keys: DemoKeys, session: Any
) -> None:
    wrong = pay_config(world.base, keys, private_key=keys.platform_private_key)
    with pytest.raises(Retryable) as caught:
        await WeChatPay(wrong, session).query_payment("PA26112200000000000000")
    assert caught.value.code == "SIGN_ERROR"


# --- refunds


async def test_a_refund_settles_is_notified_and_never_exceeds_what_was_paid(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    await paid(world, "lin", openid, placed)
    request = refund_of(world, placed, 9800)
    assert (await world.pay.query_refund(request.out_refund_no)).state is RefundState.ABSENT
    first = await world.pay.refund(request)
    told = await world.shop.next()
    asked = await world.pay.query_refund(request.out_refund_no)
    assert first.state in (RefundState.PROCESSING, RefundState.SUCCESS)
    assert isinstance(told.result, RefundResult)
    assert (told.result.state, told.result.refund_fen, told.result.mchid) == (
        RefundState.SUCCESS,
        9800,
        world.pay.mchid,
    )
    assert (asked.state, asked.refund_id) == (RefundState.SUCCESS, told.result.refund_id)
    assert (await world.pay.query_payment(placed.out_trade_no)).state is TradeState.REFUND
    await move(world, minutes=2)
    with pytest.raises(Refused):
        await world.pay.refund(refund_of(world, placed, 20001))


async def test_a_failed_refund_has_its_state(world: Simulated) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    await paid(world, "lin", openid, placed)
    await world.sim("refund-outcome", state="ABNORMAL")
    await world.pay.refund(refund_of(world, placed, 100))
    told = await world.shop.next()
    assert told.event_type == "REFUND.ABNORMAL"
    assert told.result is not None
    assert told.result.state == "ABNORMAL"


async def test_an_empty_merchant_account_can_refund_later(world: Simulated) -> None:
    openid = await world.follower("lin")
    placed = order(world)
    await paid(world, "lin", openid, placed)
    await world.sim("fund", balance_fen=0)
    request = refund_of(world, placed, 29800)
    with pytest.raises(Retryable) as caught:
        await world.pay.refund(request)
    assert caught.value.code == "NOT_ENOUGH"
    await world.sim("fund", balance_fen=50000)
    await world.pay.refund(request)
    assert (await world.shop.next()).result.state == "SUCCESS"  # type: ignore[union-attr]


# --- transfers


async def test_a_transfer_waits_for_its_payee_and_is_notified(world: Simulated) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    request = transfer_to(world, openid, 250_000, user_name="林小泉")
    no = request.out_bill_no
    assert (await world.pay.query_transfer(no)).state is TransferState.ABSENT
    made = await world.pay.transfer(request)
    again = await world.pay.transfer(request)
    assert made.state is TransferState.WAIT_USER_CONFIRM
    assert made.package_info == again.package_info != ""
    sheet = await world.sim(
        "phones/lin/js/transfer", **world.pay.transfer_params(made.package_info)
    )
    assert sheet["sheet"]["amount_fen"] == 250_000
    await world.sim(f"phones/lin/transfers/{no}", decision="confirm")
    told = await world.shop.next()
    asked = await world.pay.query_transfer(no)
    assert isinstance(told.result, TransferResult)
    assert (told.event_type, told.result.state) == ("MCHTRANSFER.BILL.FINISHED", "SUCCESS")
    assert (asked.state, asked.amount_fen, asked.openid, asked.mchid) == (
        TransferState.SUCCESS,
        250_000,
        openid,
        world.pay.mchid,
    )


async def test_a_wrong_name_fails_with_its_reason(world: Simulated) -> None:
    openid = await world.follower("lin", real_name="林小泉")
    request = transfer_to(world, openid, user_name="王小二")
    made = await world.pay.transfer(request)
    found = await world.pay.query_transfer(request.out_bill_no)
    assert (made.state, found.fail_reason) == (TransferState.FAIL, "NAME_NOT_CORRECT")


async def test_a_transfer_is_cancelled_in_two_steps(world: Simulated) -> None:
    openid = await world.follower("lin")
    request = transfer_to(world, openid)
    await world.pay.transfer(request)
    asked = await world.pay.cancel_transfer(request.out_bill_no)
    assert asked.state in (TransferState.CANCELING, TransferState.CANCELLED)
    told = await world.shop.next()
    assert told.result.state == "CANCELLED"  # type: ignore[union-attr]
    with pytest.raises(Refused):
        await world.pay.cancel_transfer("WD26112200000000000000")


async def test_an_unconfirmed_transfer_expires(world: Simulated) -> None:
    openid = await world.follower("lin")
    request = transfer_to(world, openid)
    await world.pay.transfer(request)
    await move(world, hours=25)
    found = await world.pay.query_transfer(request.out_bill_no)
    assert found.state is TransferState.FAIL
    assert found.fail_reason == "OVERDUE_CLOSE"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_transfer_is_sent_again_under_its_number_and_pays_once(
    world: Simulated, when: str
) -> None:
    openid = await world.follower("lin")
    match = {"kind": "pay", "path": "/v3/fund-app", "method": "POST"}
    await world.fault(match=match, when=when, drop=True)
    request = transfer_to(world, openid)
    with pytest.raises(Unknown):
        await world.pay.transfer(request)
    expected = TransferState.ABSENT if when == "before" else TransferState.WAIT_USER_CONFIRM
    assert (await world.pay.query_transfer(request.out_bill_no)).state is expected
    made = await world.pay.transfer(request)
    assert made.package_info
    book = await world.sim("book", "GET")
    assert len(book["transfers"]) == 1


async def test_a_transfer_changed_under_its_number_pays_the_first_amount(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    request = transfer_to(world, openid, 5000)
    await world.pay.transfer(request)
    other = transfer_to(world, openid, 6000, out_bill_no=request.out_bill_no)
    found = await world.pay.transfer(other)
    assert (found.state, found.amount_fen) == (TransferState.WAIT_USER_CONFIRM, 5000)


async def test_a_transfer_without_money_can_be_sent_later(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.sim("fund", balance_fen=0)
    request = transfer_to(world, openid)
    with pytest.raises(Retryable):
        await world.pay.transfer(request)
    await world.sim("fund", balance_fen=10_000)
    assert (await world.pay.transfer(request)).state is TransferState.WAIT_USER_CONFIRM


async def test_a_scene_without_its_report_labels_is_refused(world: Simulated) -> None:
    openid = await world.follower("lin")
    with pytest.raises(Refused):
        await world.pay.transfer(transfer_to(world, openid, report_infos=(("备注", "x"),)))


# --- certificates


async def test_platform_certificates_are_fetched_and_trusted(
    world: Simulated, keys: DemoKeys, session: Any
) -> None:
    config = pay_config(world.base, keys, public_key=None, public_key_id=None)
    pay = WeChatPay(config, session)
    assert pay.keeper is not None
    serial = pay.client.signer.answer_serial
    assert serial is not None
    configured = pay.client.signer.ring.keys.pop(serial)
    await pay.keeper.refresh()
    assert pay.client.signer.ring.keys[serial] == configured
    assert (await pay.query_payment("PA26112200000000000000")).state is TradeState.ABSENT
    openid = await world.follower("lin")
    assert await pay.prepay_jsapi(order(world), openid)


# --- bills


def fund_totals(bill: FundBill) -> tuple[int, int]:
    return sum(line.in_fen for line in bill.lines), sum(line.out_fen for line in bill.lines)


async def test_the_bills_of_a_day_agree_with_the_simulators_book(world: Simulated) -> None:
    lin, wang = await world.follower("lin"), await world.follower("wang")
    orders = [order(world, 29800), order(world, 5900), order(world, 128_800)]
    for placed, (name, openid) in zip(
        orders, [("lin", lin), ("wang", wang), ("lin", lin)], strict=True
    ):
        await paid(world, name, openid, placed)
    back = refund_of(world, orders[1], 5900)
    await world.pay.refund(back)
    await world.shop.next()
    await world.pay.transfer(transfer_to(world, lin, 1234))
    day = clock.business_day(clock.now())
    with pytest.raises(Refused):
        await world.pay.trade_bill(day)
    midnight = clock.day_start(day + timedelta(days=1))
    await move(world, seconds=(midnight - clock.now()).total_seconds() + 3600)
    with pytest.raises(Retryable) as caught:
        await world.pay.trade_bill(day)
    assert caught.value.code == "STATEMENT_CREATING"
    await move(world, hours=10)
    trades, funds = await world.pay.trade_bill(day), await world.pay.fund_bill(day)
    bought = {line.out_trade_no: line for line in trades.lines if not line.out_refund_no}
    assert {no: line.amount_fen for no, line in bought.items()} == {
        o.out_trade_no: o.amount_fen for o in orders
    }
    assert [(x.out_refund_no, x.refund_fen) for x in trades.lines if x.out_refund_no] == [
        (back.out_refund_no, 5900)
    ]
    assert len(trades.sha1) == 40
    book = await world.sim("book", "GET")
    moved = [e["amount_fen"] for e in book["entries"] if _day_of(e["at"]) == day]
    assert fund_totals(funds) == (
        sum(fen for fen in moved if fen > 0),
        -sum(fen for fen in moved if fen < 0),
    )
    assert (
        funds.lines[-1].balance_fen
        == [e["balance_fen"] for e in book["entries"] if _day_of(e["at"]) == day][-1]
    )
    fees = sum(o["fee_fen"] for o in book["orders"])
    assert sum(x.out_fen for x in funds.lines if x.kind == "扣除交易手续费") == fees > 0


def _day_of(at: str) -> Any:
    return clock.business_day(datetime.fromisoformat(at))


async def test_a_day_without_business_has_empty_bills(world: Simulated) -> None:
    day = clock.business_day(clock.now()) - timedelta(days=40)
    trades, funds = await asyncio.gather(world.pay.trade_bill(day), world.pay.fund_bill(day))
    assert (trades.lines, funds.lines) == ((), ())
