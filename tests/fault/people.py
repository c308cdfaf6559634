"""What people do in the fault tests: if a page fails, they try again."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from domain import aftersales, distribution, orders, payouts
from domain.orders import ShipForm
from models import Order, Payee, Withdrawal
from tests.factories.transfers import age_calls
from tests.harness import books, story
from tests.harness.markup import count_of
from tests.harness.waiting import PATIENCE
from tests.harness.world import Phone, World


async def fault(
    world: World, match: dict[str, Any], action: dict[str, Any], count: Any = 1
) -> int:
    """Arm a fault of the simulated WeChat; returns its id."""
    body = {"match": match, "action": action, "count": count}
    made = await world.sim("POST", "/faults", body)
    return int(made["id"])


async def clear(world: World) -> None:
    """Disarm all faults of the simulated WeChat."""
    await world.sim("DELETE", "/faults")


async def hits(world: World) -> dict[int, int]:
    """How many calls each armed fault has affected. A test with an unused fault proves nothing."""
    found = await world.sim("GET", "/faults")
    return {each["id"]: each["hits"] for each in found["faults"]}


async def checkout(phone: Phone, words: str = "陈酿") -> str:
    """Place an order; returns its number. The pay page may fail to open."""
    page = await story.checkout(phone, words)
    return page.url.split("/m/pay/")[1].split("?")[0]


async def pay(phone: Phone, order_no: str, tries: int = 4) -> bool:
    """Try the pay page until it opens, and pay; True if WeChat took the money."""
    for _ in range(tries):
        page = await phone.open(f"/m/pay/{order_no}")
        if page.status != 200 or not count_of(page.text, "#pay"):
            await asyncio.sleep(0.05)
            continue
        params = story.till(page).get("params")
        if params:
            paid = await phone.pay(params=params)
            return bool(paid["result"] == "ok")
    return False


async def rest(world: World, rounds: int = 3) -> None:
    """Let time pass until every unknown outcome was queried and all work is done."""
    for _ in range(rounds):
        await world.runtime.store.write(age_calls)
        await world.move(minutes=40)


async def agreed(world: World, seconds: float = PATIENCE) -> None:
    """Wait until our books agree among themselves and with WeChat's; fails after ``seconds``."""
    store = world.runtime.store
    until = time.monotonic() + seconds
    while True:
        found = await store.read(books.faults)
        book = await world.sim("GET", "/book")
        found += await store.read(books.against_wechat, book)
        if not found:
            return
        if time.monotonic() > until:
            raise AssertionError("\n".join(found))
        await asyncio.sleep(0.1)


async def states(world: World) -> dict[str, int]:
    """The number of orders by state."""
    rows = await world.runtime.store.read(list, Order.select())
    found: dict[str, int] = {}
    for row in rows:
        found[row.state] = found.get(row.state, 0) + 1
    return found


async def ship_and_receive(world: World, phone: Phone, order_no: str) -> None:
    """Ship the order; the buyer confirms receipt."""
    store = world.runtime.store
    order_id = await store.read(orders.order_id_of, order_no)
    await store.write(orders.ship_parcel, order_id, ShipForm("顺丰速运", f"SF{order_id:012d}"))
    await story.receive(phone, order_no)


async def refund(world: World, order_no: str, fen: int | None = None) -> None:
    """The merchant refunds the whole order, or an amount of its first line."""
    store = world.runtime.store
    if fen is None:
        await store.write(aftersales.merchant_refund, order_no, (), "质量问题")
        return
    order_id = await store.read(orders.order_id_of, order_no)
    line = (await store.read(orders.order_by_id, order_id)).lines[0]
    await store.write(aftersales.merchant_refund, order_no, [(line.id, 0)], "少发", fen)


async def earn(world: World, seller: Phone, buyer: Phone, sales: int = 1) -> None:
    """Create a distributor with a customer, whose purchases have released commission."""
    await seller.follow()
    await story.become_distributor(seller, "阿慧")
    link = await world.runtime.store.read(_link, seller.id)
    await buyer.open(link)
    await buyer.follow()
    for _ in range(sales):
        order_no = await story.buy(buyer)
        await ship_and_receive(world, buyer, order_no)
    await world.move(days=9)


def _link(name: str) -> str:
    """The newest distributor's own link to the mall."""
    from models import Distributor

    row = Distributor.select().order_by(Distributor.id.desc()).get()
    return f"/m/l/{row.referral_code}"


async def ask_payout(world: World, yuan_fen: int) -> int:
    """The newest distributor requests a withdrawal; returns its id."""
    from models import Distributor

    store = world.runtime.store
    row = await store.read(lambda: Distributor.select().order_by(Distributor.id.desc()).get())
    payee = await store.read(Payee.get_or_none, Payee.owner_id == row.member_id)
    if payee.sealed_identity is None:
        args = (row.member_id, "阿小慧", story.ID_NUMBER)
        await store.write(payouts.save_identity, *args)
    made = await store.write(distribution.request_withdrawal, row.member_id, yuan_fen)
    return int(made["withdrawal_id"])


async def withdrawal(world: World, withdrawal_id: int) -> Any:
    """The current row of a withdrawal."""
    return await world.runtime.store.read(Withdrawal.get_by_id, withdrawal_id)
