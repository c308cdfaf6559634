"""Calls and notifications fail: errors before and after the effect, lost, late or repeated.

At its end each test compares our books among themselves and with WeChat's. Each test also reads
the merchant's pages. While an outcome is unknown, they say so and that money can't move twice.
Afterwards they show the outcome and no warning.
"""

from __future__ import annotations

from typing import Any

import pytest

from domain import ledger
from domain.ledger import member_account
from models import Payment, PayNotice, Refund
from tests.fault import people
from tests.harness.merchant import Merchant, told
from tests.harness.waiting import PATIENCE
from tests.harness.world import World

ORDERS = "/v3/pay/transactions"
REFUNDS = "/v3/refund"
TRANSFERS = "/v3/fund-app"
BROKEN = (
    {"status": 500, "when": "before"},
    {"status": 500, "when": "after"},
    {"drop": True, "when": "before"},
    {"drop": True, "when": "after"},
    {"bad_signature": True},
    {"garbage": True, "when": "after"},
)
SAID = ("微信系统出错", "微信系统出错", "微信没有回答", "微信没有回答", "签名验不过", "签名验不过")
"""What a page says for each of ``BROKEN``; an answer with a wrong signature is not WeChat's."""

UNKNOWN = "微信没有明确回答"
NOT_NOTICED = "微信通知未到，由查询得知"
TODAY = "/admin/"


def order(order_no: str) -> str:
    """The path of an order's page."""
    return f"/admin/orders/{order_no}"


@pytest.fixture
async def owner(world: World) -> Merchant:
    """The merchant, signed in before the first fault."""
    return await Merchant(world).sign_in()


async def test_failing_payment_calls_end_with_each_order_paid_once_or_cancelled(
    world: World, owner: Merchant
) -> None:
    """Prepay, query and close fail. People and jobs try again, and nothing happens twice."""
    orders = []
    for n, action in enumerate(BROKEN):
        lin = await world.phone(f"lin{n}")
        for path, count in ((f"{ORDERS}/jsapi", 2), (f"{ORDERS}/out-trade-no", None)):
            await people.fault(world, {"kind": "pay", "path": path}, action, count)
        await people.fault(world, {"kind": "notify.pay"}, {"lose_all": True}, 1)
        bought = await people.checkout(lin)
        given_up = await people.checkout(lin, "桂花")
        assert await people.pay(lin, bought)
        page = await lin.open(f"/m/orders/{given_up}")
        await lin.submit(page.form("/cancel"))
        await told(owner, order(given_up), "关闭中", SAID[n], "正在查询", "不会重复收款")
        await told(owner, TODAY, f"付款{UNKNOWN}", "正在按原单号查询")
        met = await people.hits(world)
        assert all(met.values()), (action, met)
        await people.clear(world)
        orders.append((bought, given_up))
    await people.rest(world)
    assert await people.states(world) == {"paid": len(BROKEN), "cancelled": len(BROKEN)}
    for bought, given_up in orders:
        await told(owner, order(bought), "待发货", NOT_NOTICED, never=["正在查询"])
        await told(owner, order(given_up), "已取消", never=["正在查询", NOT_NOTICED])
    lost = f"有 {len(BROKEN)} 笔付款的微信通知没有送到"
    await told(owner, TODAY, lost, "账目不受影响", never=[UNKNOWN])
    store = world.runtime.store
    assert await store.read(PayNotice.select().count) == 0
    assert await store.read(Payment.select().where(Payment.state == "paid").count) == len(BROKEN)
    await people.agreed(world)


async def test_failing_refund_calls_end_with_one_refund_each(
    world: World, owner: Merchant
) -> None:
    lin = await world.phone("lin")
    for n, action in enumerate(BROKEN):
        order_no = await people.checkout(lin)
        assert await people.pay(lin, order_no)
        await world.settle()
        await people.fault(world, {"kind": "pay", "path": REFUNDS}, action, 2)
        await people.fault(world, {"kind": "notify.refund"}, {"lose_all": True}, 1)
        await people.refund(world, order_no)
        await told(owner, order(order_no), SAID[n], "不会重复退款", seconds=PATIENCE)
        await told(owner, TODAY, f"1 笔退款{UNKNOWN}")
        await told(owner, "/admin/refunds", SAID[n], "正在查询，不会重复退款")
        await people.rest(world, 2)
        await people.clear(world)
        await people.rest(world, 1)
        text = await told(owner, order(order_no), "已退款", NOT_NOTICED, never=["正在查询"])
        assert text.count(NOT_NOTICED) == 1  # the payment's notification arrived
    await people.rest(world)
    await told(owner, TODAY, never=[UNKNOWN, "没有送到"])
    store = world.runtime.store
    found = [(r.state, r.amount_fen) for r in await store.read(list, Refund.select())]
    assert found == [("succeeded", 29800)] * len(BROKEN)
    assert await people.states(world) == {"refunded": len(BROKEN)}
    await people.agreed(world)


async def test_failing_transfer_calls_end_with_one_transfer_each(
    world: World, owner: Merchant
) -> None:
    """A payout whose call or answer was lost is queried, and never sent under a new number."""
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    made = []
    for n, action in enumerate(BROKEN[:3]):
        await people.fault(world, {"kind": "pay", "path": TRANSFERS}, action, 2)
        made.append(await people.ask_payout(world, 1000))
        await _payout_is_asked_about(owner, made[-1], SAID[n])
        await people.rest(world, 2)
        await people.clear(world)
        await people.rest(world)
        await people.fault(world, {"kind": "notify.transfer"}, {"lose_all": True}, 1)
        await _confirm(world, hui.id, made[-1])
        await world.settle()
    await people.clear(world)
    await world.move(days=1)
    for n, action in enumerate(BROKEN[3:], start=3):
        await people.fault(world, {"kind": "pay", "path": TRANSFERS}, action, 2)
        made.append(await people.ask_payout(world, 300))
        await _payout_is_asked_about(owner, made[-1], SAID[n])
        await people.rest(world, 2)
        await people.clear(world)
        await people.rest(world)
        await _confirm(world, hui.id, made[-1])
        await world.settle()
    await people.rest(world)
    rows = [await people.withdrawal(world, each) for each in made]
    assert [row.state for row in rows] == ["paid"] * 6
    book = await world.sim("GET", "/book")
    assert len(book["transfers"]) == 6
    for n, withdrawal_id in enumerate(made):
        page = f"/admin/withdrawals/{withdrawal_id}"
        text = await told(owner, page, "已到账", never=["正在按原单号"])
        assert (NOT_NOTICED in text) == (n < 3)
    await told(owner, TODAY, never=[UNKNOWN])
    await people.agreed(world)


async def _payout_is_asked_about(owner: Merchant, withdrawal_id: int, said: str) -> None:
    """The withdrawal's page says what happened and what is done; the first page counts it."""
    page = f"/admin/withdrawals/{withdrawal_id}"
    text = await told(
        owner, page, "付款中", said, "正在按原单号查询", "不会重复付款", seconds=PATIENCE,
        never=["没有付成"],
    )  # fmt: skip
    assert text.count(said) >= 2
    await told(owner, TODAY, f"1 笔提现{UNKNOWN}")


async def _confirm(world: World, phone: str, withdrawal_id: int) -> None:
    row = await people.withdrawal(world, withdrawal_id)
    if row.state in ("approved", "paying"):  # not sent yet: the ledger's check was too old
        await people.rest(world, 1)
        row = await people.withdrawal(world, withdrawal_id)
    assert row.state == "awaiting_user", (row.state, row.note)
    path = f"/phones/{phone}/transfers/{row.out_bill_no}"
    await world.sim("POST", path, {"decision": "confirm"})


async def test_a_call_that_timed_out_is_queried_and_not_repeated_blindly(
    world: World, owner: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that timed out has an unknown outcome, whatever WeChat did with it."""
    monkeypatch.setattr(world.runtime.pay.client.caller, "timeout", 0.3)
    lin = await world.phone("lin")
    late = {"delay_s": 1.0}
    order_no = await people.checkout(lin)
    await world.settle()
    await people.fault(world, {"kind": "pay", "path": ORDERS}, late | {"when": "after"}, 2)
    await people.fault(world, {"kind": "notify.pay"}, {"lose_all": True}, 1)
    assert await people.pay(lin, order_no)
    await world.move(seconds=6)
    await told(owner, order(order_no), "微信没有回答，正在查询", "不会重复收款", seconds=PATIENCE)
    await people.clear(world)
    await people.rest(world, 1)
    await told(owner, order(order_no), "待发货", NOT_NOTICED, never=["正在查询"])
    await people.fault(world, {"kind": "pay", "path": REFUNDS}, late | {"when": "after"}, 2)
    await people.fault(world, {"kind": "notify.refund"}, {"lose_all": True}, 1)
    await people.refund(world, order_no)
    await told(owner, order(order_no), "微信没有回答，正在查询", "不会重复退款", seconds=PATIENCE)
    await people.rest(world, 2)
    await people.clear(world)
    await people.rest(world)
    assert await people.states(world) == {"refunded": 1}
    await told(owner, order(order_no), "已退款", never=["正在查询"])
    await told(owner, TODAY, never=[UNKNOWN])
    await people.agreed(world)


async def test_each_notification_counts_once_however_it_arrives(
    world: World, owner: Merchant
) -> None:
    """Notifications are repeated, late, reordered, lost, forged or stale; each counts once.

    The merchant's pages show the payments and refunds and no warning: such notifications concern
    the operator, who has an alarm for forged ones.
    """
    ways: tuple[dict[str, Any], ...] = (
        {"duplicate": 5}, {"delay_s": 0.3}, {"reorder": True}, {"lose": True},
        {"bad_signature": True}, {"stale_timestamp": True}, {"signtest": True},
        {"by": "certificate"},
    )  # fmt: skip
    bought: list[str] = []
    for done, action in enumerate(ways, start=1):
        lin = await world.phone(f"lin{done}")
        await people.fault(world, {"kind": "notify"}, action, 4)
        numbers = []
        for words in ("陈酿", "桂花"):
            numbers.append(await people.checkout(lin, words))
            assert await people.pay(lin, numbers[-1])
        await people.rest(world, 1)
        for number in numbers:
            await people.refund(world, number)
        await people.rest(world, 2)
        assert all((await people.hits(world)).values()), action
        await people.clear(world)
        await world.move(hours=7)  # WeChat's longest pause between two tries is six hours
        assert await people.states(world) == {"refunded": 2 * done}, action
        await people.agreed(world)
        for number in numbers:
            await told(owner, order(number), "已退款", never=["正在查询"])
        bought += numbers
    for number in bought:  # by now the reordered ones have arrived too
        await told(owner, order(number), "已退款", never=["正在查询", NOT_NOTICED])
    await told(owner, TODAY, never=[UNKNOWN, "没有送到", "时钟", "后台任务已停", "自动重试"],
               seconds=PATIENCE)  # fmt: skip


async def test_queries_find_every_result_when_all_notifications_are_lost(
    world: World, owner: Merchant
) -> None:
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    before = await world.runtime.store.read(PayNotice.select().count)
    await people.fault(world, {"kind": "notify"}, {"lose_all": True}, None)
    paid = await people.checkout(lin)
    back = await people.checkout(lin)
    assert await people.pay(lin, paid)
    assert await people.pay(lin, back)
    await people.rest(world, 1)
    await people.refund(world, back)
    wd = await people.ask_payout(world, 1000)
    await people.rest(world, 1)
    await _confirm(world, hui.id, wd)
    await people.rest(world)
    assert await people.states(world) == {"completed": 1, "paid": 1, "refunded": 1}
    assert (await people.withdrawal(world, wd)).state == "paid"
    assert await world.runtime.store.read(PayNotice.select().count) == before
    await people.agreed(world)
    await told(owner, order(paid), "待发货", NOT_NOTICED)
    assert (await told(owner, order(back), "已退款", NOT_NOTICED)).count(NOT_NOTICED) == 2
    await told(owner, f"/admin/withdrawals/{wd}", "已到账", NOT_NOTICED)
    await told(owner, TODAY, "有 2 笔付款的微信通知没有送到", "请技术人员检查通知地址")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure WeChat's time every second, not every minute, while the clocks differ."""
    monkeypatch.setattr("app.runtime.APART_LOOK_SECONDS", 1.0)
    monkeypatch.setattr("gateways.wechatpay.client.MEASURE_PAUSE_SECONDS", 1.0)


@pytest.mark.usefixtures("soon")
async def test_calls_succeed_while_the_clocks_differ_by_eleven_minutes(
    world: World, owner: Merchant
) -> None:
    """Signing uses WeChat's signed time, so all calls succeed; the first page warns.

    Earlier, the pay page answered 502.
    """
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    await world.sim("POST", "/clock", {"advance_seconds": 660, "notify_app": False})
    paid = await people.checkout(lin)
    assert await people.pay(lin, paid)
    await world.settle()
    assert await world.runtime.store.read(PayNotice.select().count) > 1
    await people.refund(world, paid)
    wd = await people.ask_payout(world, 1000)
    await world.settle()
    assert "佣金" in await hui.say("佣金")
    await told(owner, TODAY, "的时钟比微信慢 11 分钟", "15 分钟以内按微信的时间签名",
               "请校准时钟", never=[UNKNOWN, "拒绝了本店的签名"], seconds=PATIENCE)  # fmt: skip
    await _confirm(world, hui.id, wd)
    await world.settle()
    assert (await people.withdrawal(world, wd)).state == "paid"
    await told(owner, order(paid), "已退款", never=["正在查询", NOT_NOTICED])
    await _repaired(world)
    await people.rest(world, 1)
    await told(owner, TODAY, never=["时钟", UNKNOWN], seconds=PATIENCE)
    await people.agreed(world)


@pytest.mark.usefixtures("soon")
async def test_calls_wait_while_the_clocks_differ_by_twenty_two_minutes(
    world: World, owner: Merchant
) -> None:
    """WeChat refuses the calls, every page says why, and they succeed once the clock is right."""
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    paid = await people.checkout(lin)
    assert await people.pay(lin, paid)
    await world.settle()
    await world.sim("POST", "/clock", {"advance_seconds": 1320, "notify_app": False})
    unpaid = await people.checkout(lin, "桂花")
    assert not await people.pay(lin, unpaid, tries=2)
    till = await lin.open(f"/m/pay/{unpaid}")
    assert (till.status, "没有扣款。订单已为您保留" in till.text) == (503, True)
    await people.refund(world, paid)
    wd = await people.ask_payout(world, 1000)
    await world.settle()
    assert (await people.withdrawal(world, wd)).state == "paying"
    book = await world.sim("GET", "/book")
    assert (book["refunds"], book["transfers"]) == ([], [])
    await told(owner, TODAY, "的时钟比微信慢 22 分钟", "请校准时钟", "微信支付拒绝了本店的签名",
               "启用 NTP", f"1 笔退款{UNKNOWN}", f"1 笔提现{UNKNOWN}",
               seconds=PATIENCE)  # fmt: skip
    await told(owner, order(paid), "微信拒绝了签名", "时钟", "不会重复退款")
    await told(owner, order(unpaid), "待付款", "微信拒绝了签名")
    await told(owner, f"/admin/withdrawals/{wd}", "微信拒绝了签名", "不会重复付款")
    mine = await hui.open(f"/m/d/withdrawals/{wd}")
    assert "商家的付款系统正在调整，我们会自动重试，您不用操作。" in mine.text
    await _repaired(world)
    await people.rest(world, 1)
    await _confirm(world, hui.id, wd)
    await people.rest(world)
    assert (await people.withdrawal(world, wd)).state == "paid"
    assert await people.states(world) == {"completed": 1, "refunded": 1, "cancelled": 1}
    await told(owner, TODAY, never=["时钟", UNKNOWN, "拒绝了本店的签名"], seconds=PATIENCE)
    await told(owner, order(paid), "已退款", never=["正在查询"])
    await told(owner, f"/admin/withdrawals/{wd}", "已到账", never=["正在按原单号"])
    await people.agreed(world)


async def _repaired(world: World) -> None:
    """Set the shop's clock to WeChat's time."""
    await world.sim("POST", "/clock", {"advance_seconds": 0, "notify_app": True})


async def test_a_payment_during_closing_is_booked_or_returned(
    world: World, owner: Merchant
) -> None:
    """The order expires and closing fails at WeChat; money that arrives is booked or returned."""
    lin = await world.phone("lin")
    order_no = await people.checkout(lin)
    page = await lin.open(f"/m/pay/{order_no}")
    assert page.status == 200
    closing = {"kind": "pay", "path": f"{ORDERS}/out-trade-no", "method": "POST"}
    await people.fault(world, closing, {"status": 500, "when": "before"}, None)
    await world.move(minutes=31)
    assert await people.states(world) == {"closing": 1}
    await told(owner, order(order_no), "关闭中", "微信系统出错，正在查询", "不会重复收款")
    (payment,) = await world.runtime.store.read(list, Payment.select())
    await lin.pay(out_trade_no=payment.out_trade_no)
    await people.clear(world)
    await people.rest(world)
    found = await people.states(world)
    assert found in ({"paid": 1}, {"cancelled": 1})
    word = "待发货" if "paid" in found else "已取消"
    text = await told(owner, order(order_no), word, never=["正在查询"])
    back = await world.runtime.store.read(Refund.select().count)
    assert ("关闭后付款，自动退回" in text) == (back == 1)
    seller = member_account("available", 1)
    assert await world.runtime.store.read(ledger.balance, seller) == 0
    await people.agreed(world)
