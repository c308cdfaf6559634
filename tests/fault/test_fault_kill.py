"""The web process is killed by SIGKILL during checkouts, and the worker during payouts.

The tests run on PostgreSQL and on MariaDB, because each server clears the open transaction and the
locks of a dead process in its own way. On SQLite one process is web, worker and writer, so it has
a separate test: the file must be recovered from its journal. No other process may write that file,
so there the test acts through pages only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from models import Order, OutboxRow, Payment, Refund
from simulator.keys import DemoKeys
from tests.fault import people
from tests.harness import story
from tests.harness.apart import Apart, open_apart
from tests.harness.merchant import Merchant, told
from tests.harness.servers import RedisServer
from tests.harness.waiting import PATIENCE
from tests.harness.world import Phone, World

pytestmark = [pytest.mark.slow, pytest.mark.durable]
BUYERS = 4
SALES_EACH = 3


@pytest.fixture
async def town(
    db: Any, server: Any, redis: RedisServer, tmp_path: Path, keys: DemoKeys
) -> AsyncIterator[tuple[World, Apart]]:
    """A shop in separate processes, on servers of this test."""
    async with open_apart(tmp_path, server.url, redis.url, keys) as opened:
        yield opened


@pytest.fixture
async def hamlet(db: Any, tmp_path: Path, keys: DemoKeys) -> AsyncIterator[tuple[World, Apart]]:
    """A shop in one process, on SQLite and with the embedded Redis."""
    url = f"sqlite:///{tmp_path}/hamlet.sqlite3"
    async with open_apart(tmp_path, url, "memory://", keys) as opened:
        yield opened


async def _buys(phone: Phone, sales: int) -> int:
    """A buyer repeats purchases, although pages may fail, until ``sales`` of them are paid."""
    paid, said = 0, []
    for _ in range(60):
        try:
            order_no = await people.checkout(phone)
            is_paid = await people.pay(phone, order_no)
            paid += is_paid
            said.append(f"{order_no} {is_paid}")
        except (aiohttp.ClientError, AssertionError, TimeoutError) as error:
            said.append(repr(error)[:200])
            await asyncio.sleep(0.5)
        if paid >= sales:
            return paid
    raise AssertionError("\n".join([*said, *phone.log[-20:]]))


async def test_no_order_is_lost_when_the_web_process_is_killed_during_checkouts(
    town: tuple[World, Apart],
) -> None:
    """Paid orders are booked, unpaid ones are cancelled by time, stock and WeChat's book agree.

    The merchant's first page shows the orders to be shipped and no warning: a process that is away
    for a second is no news for a merchant.
    """
    await _checkouts_among_kills(*town)


async def test_no_order_is_lost_when_the_only_process_is_killed_during_checkouts(
    hamlet: tuple[World, Apart],
) -> None:
    """On SQLite the worker and the writer, with its batch of commands, end with the process."""
    await _checkouts_among_kills(*hamlet)


async def _checkouts_among_kills(world: World, shop: Apart) -> None:
    phones = [await world.phone(f"buyer{n}") for n in range(BUYERS)]
    buying = [asyncio.create_task(_buys(phone, SALES_EACH)) for phone in phones]
    for _ in range(2):
        await asyncio.sleep(1.2)
        await asyncio.to_thread(shop.kill_web)
        await shop.start_web()
    assert sum(await asyncio.gather(*buying)) == BUYERS * SALES_EACH
    await people.rest(world, 2)
    found = await people.states(world)
    assert found.pop("paid") == BUYERS * SALES_EACH
    assert set(found) <= {"cancelled"}
    store = world.runtime.store
    paid = Payment.select().where(Payment.state == "paid")
    assert await store.read(paid.count) == BUYERS * SALES_EACH
    unpaid = Order.select().where(Order.state.in_(("awaiting_payment", "closing")))
    assert await store.read(unpaid.count) == 0
    await people.agreed(world, 20)
    owner = await Merchant(world).sign_in()
    await told(owner, "/admin/", f"待发货 {BUYERS * SALES_EACH} ", seconds=PATIENCE,
               never=["没有明确回答", "后台任务已停", "自动重试"])  # fmt: skip
    by_state = {row.state: row.order_no for row in await store.read(list, Order.select())}
    await told(owner, f"/admin/orders/{by_state['paid']}", "待发货", "付款成功", "已付款")
    if "cancelled" in by_state:
        number = by_state["cancelled"]
        await told(owner, f"/admin/orders/{number}", "已取消", "到期自动", never=["正在查询"])


async def test_each_payout_and_refund_happens_once_when_the_worker_is_killed(
    town: tuple[World, Apart],
) -> None:
    """Each payout and refund happens once, whether WeChat acted before or after the kill.

    Without a worker, the first page says since when and what waits for it. Afterwards the pages
    show each payout and refund once, and no work that is left to people.
    """
    world, shop = town
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await people.earn(world, hui, lin)
    owner = await Merchant(world).sign_in()
    payouts, refunds = [], []
    for when in ("after", "before"):
        late = {"delay_s": 2.0, "when": when}
        refunds.append(await story.buy(lin))
        await people.fault(world, {"kind": "pay", "path": "/v3/fund-app", "method": "POST"}, late)
        await people.fault(world, {"kind": "pay", "path": "/v3/refund", "method": "POST"}, late)
        payouts.append(await people.ask_payout(world, 1000))
        await people.refund(world, refunds[-1])
        await _met(world, 2)
        await asyncio.to_thread(shop.kill_worker)
        await people.clear(world)
        await asyncio.sleep(2.0)  # WeChat completes the calls that it has received
        await world.sim("POST", "/clock", {"advance_seconds": 240})
        await told(
            owner, "/admin/", "后台任务已停 4 分钟", "退款、提现、通知都在等", seconds=PATIENCE
        )
        await told(owner, f"/admin/withdrawals/{payouts[-1]}", "付款中")
        # the web process may have received WeChat's notification of the refund
        rows = await world.runtime.store.read(list, Refund.select().order_by(Refund.id))
        word = "已退款" if rows[-1].state == "succeeded" else "售后中"
        await told(owner, f"/admin/orders/{refunds[-1]}", word)
        await shop.start_worker()
        await people.rest(world, 2)
        await told(owner, "/admin/", never=["后台任务已停", "没有明确回答"], seconds=PATIENCE)
        await told(owner, f"/admin/orders/{refunds[-1]}", "已退款", never=["正在查询"])
        await told(
            owner, f"/admin/withdrawals/{payouts[-1]}", "待对方确认", never=["正在按原单号"]
        )
    for withdrawal_id in payouts:
        row = await people.withdrawal(world, withdrawal_id)
        assert row.state == "awaiting_user", (row.state, row.note)
        path = f"/phones/{hui.id}/transfers/{row.out_bill_no}"
        await world.sim("POST", path, {"decision": "confirm"})
    await people.rest(world, 2)
    assert [(await people.withdrawal(world, w)).state for w in payouts] == ["paid", "paid"]
    rows = await world.runtime.store.read(list, Refund.select())
    assert [row.state for row in rows] == ["succeeded", "succeeded"]
    book = await world.sim("GET", "/book")
    assert (len(book["transfers"]), len(book["refunds"])) == (2, 2)
    await people.agreed(world, 20)
    dead = OutboxRow.select().where(OutboxRow.state == "dead")
    assert await world.runtime.store.read(dead.count) == 0
    await told(owner, "/admin/outbox", "没有失败的任务", never=["正在自动重试"], seconds=PATIENCE)
    for withdrawal_id in payouts:
        await told(owner, f"/admin/withdrawals/{withdrawal_id}", "已到账")


async def _met(world: World, faults: int) -> None:
    """Wait until that many of the worker's calls have met a fault."""
    for _ in range(200):
        if sum((await people.hits(world)).values()) >= faults:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the worker never called")
