"""Many people at two web processes behind nginx, with two workers, one database and one Redis.

Processes are stopped and restarted meanwhile, without an error for any person. At the end our
books must agree among themselves and with WeChat's. The environment sets the length of the second
test and its number of people: SCALE_OUT_SECONDS and SCALE_OUT_PEOPLE.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import secrets
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from domain import ledger, orders
from domain.orders import ShipForm
from domain.outbox import queries as outbox_queries
from models import Commission, Order, Payment, Refund, ServiceTicket, Withdrawal
from tests.databases import drop, recreate
from tests.e2e import scale_people
from tests.e2e.processes import NGINX, Cluster, open_cluster
from tests.face.chat import Chat, cdata
from tests.harness import books, story
from tests.harness.markup import texts_of
from tests.harness.merchant import Merchant
from tests.harness.own_redis import is_redis_a_server, own_redis
from tests.harness.world import Phone, World

SELLERS = [("zhou", "老周"), ("wang", "小王"), ("hui", "阿慧"), ("lin", "小林")]
BUYERS = [f"buyer{n:02d}" for n in range(16)]
COMMISSION_YUAN = "41.72"
SECONDS = float(os.environ.get("SCALE_OUT_SECONDS", "10"))
PEOPLE = int(os.environ.get("SCALE_OUT_PEOPLE", "12"))
BUYERS_OF_ONE = 7

pytestmark = pytest.mark.skipif(
    os.environ.get("DATABASE_URL", "sqlite").startswith("sqlite") or not is_redis_a_server(),
    reason="many processes need a database server and a Redis",
)


@pytest.fixture
def cluster(tmp_path: Path, database_url: str) -> Any:
    """The processes on a separate database."""
    url = f"{database_url}_many"
    recreate(url)
    yield Cluster(tmp_path, url, own_redis())
    drop(url)


async def test_many_processes_serve_many_people_and_all_books_agree(cluster: Cluster) -> None:
    async with open_cluster(cluster) as world:
        sellers = await asyncio.gather(*(_open_for_business(world, *who) for who in SELLERS))
        codes = dict(zip([name for name, _ in SELLERS], sellers, strict=True))
        buyers = [await world.phone(name) for name in BUYERS]
        await asyncio.gather(*(_arrive(p, codes, n) for n, p in enumerate(buyers)))
        await _the_same_push_to_both(world, cluster, buyers)

        first, second = buyers[:8], buyers[8:]
        numbers = await asyncio.gather(*(_buy(p) for p in first))
        shopping = asyncio.gather(*(_buy(p) for p in second))
        await asyncio.sleep(0.3)
        stopped = await asyncio.gather(*(cluster.stop(name) for name in _leaving()))
        assert stopped == [0] * len(stopped)
        numbers += await shopping
        assert len(set(numbers)) == len(BUYERS)

        await world.settle()
        await _deliver(world, numbers, buyers)
        await world.move(days=9)
        await _wait_for_commission(world, [name for name, _ in SELLERS])
        phones = [await world.phone(name) for name, _ in SELLERS]
        await asyncio.gather(*(_withdraw(phone) for phone in phones))
        await world.settle()
        await _every_book_agrees(world, numbers)
        assert [line for p in (*buyers, *phones) for line in p.log if _failed(line)] == []
        for name in ("web1", "web2", "worker1", "worker2"):
            assert "Traceback" not in cluster.said(name), cluster.said(name)[-3000:]


def _leaving() -> tuple[str, ...]:
    """Stop a web process if nginx is installed; without nginx the phones use web2."""
    return ("web1", "worker1") if NGINX else ("worker1",)


def _failed(line: str) -> bool:
    return int(line.rsplit(" ", 1)[1]) >= 500


async def _open_for_business(world: World, phone_id: str, name: str) -> str:
    """Follow, become a distributor, get a poster; returns the text of its code."""
    phone = await world.phone(phone_id)
    await phone.follow()
    await story.become_distributor(phone, name)
    return await story.poster_text(phone)


async def _arrive(phone: Phone, codes: dict[str, str], n: int) -> None:
    """Scan a poster and follow by it."""
    seller, name = SELLERS[n % len(SELLERS)]
    body = {"content": codes[seller], "follow": True}
    found = await phone.world.sim("POST", f"/phones/{phone.id}/scan", body)
    assert found["kind"] == "followed"
    assert name in str(found["reply"]["body"]), found["reply"]


async def _the_same_push_to_both(world: World, cluster: Cluster, buyers: list[Phone]) -> None:
    """A push that WeChat repeats to another process gets the same reply and one effect."""
    async with (
        aiohttp.ClientSession(base_url=cluster.url("web1")) as one,
        aiohttp.ClientSession(base_url=cluster.url("web2")) as two,
    ):
        await asyncio.gather(*(_twice(world, one, two, phone) for phone in buyers[:10]))
    asked = await world.runtime.store.read(_tickets)
    assert sorted(asked.values()) == [1] * 10


async def _twice(world: World, one: Any, two: Any, phone: Phone) -> None:
    openid = (await world.sim("GET", f"/phones/{phone.id}"))["openid"]
    chats = [Chat(http, world.runtime.config, None, None, openid) for http in (one, two)]  # type: ignore[arg-type]
    number = str(secrets.randbits(62))  # Redis may still have those of an earlier run
    push = chats[0].xml(Content=cdata("留言 请问几天到货？"), MsgId=number)
    encrypted = chats[0].envelope().encrypt(push)
    body, query = f"<xml><Encrypt>{encrypted}</Encrypt></xml>", chats[0].query(encrypted)
    answers = await asyncio.gather(*(chat.post(query, body) for chat in chats))
    assert [status for status, _ in answers] == [200, 200]
    replies = {text for _, text in answers if text != "success"}
    assert len(replies) == 1, answers


async def _buy(phone: Phone) -> str:
    """Order and pay, and wait until the page shows the payment."""
    page = await story.checkout(phone)
    number = page.url.split("/m/pay/")[1].split("?")[0]
    paid = await phone.pay(params=story.till(page)["params"])
    assert paid["result"] == "ok", paid
    for _ in range(100):
        page = await phone.open(f"/m/pay/{number}/result")
        if texts_of(page.text, ".result h1") == ["付款成功"]:
            return number
        await asyncio.sleep(0.2)
    raise AssertionError(page.text[-600:])


async def _deliver(world: World, numbers: list[str], buyers: list[Phone]) -> None:
    store = world.runtime.store
    for n, number in enumerate(numbers):
        order_id = await store.read(orders.order_id_of, number)
        await store.write(orders.ship_parcel, order_id, ShipForm("顺丰速运", f"SF{n:012d}"))
    await asyncio.gather(
        *(story.receive(p, number) for p, number in zip(buyers, numbers, strict=True))
    )


async def _wait_for_commission(world: World, names: list[str]) -> None:
    """The remaining worker makes the commission available when its freeze is over."""
    for _ in range(150):
        if await world.runtime.store.read(_released) == len(BUYERS):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the commission was not released")


async def _withdraw(phone: Phone) -> None:
    before = await phone.wallet_fen()
    await story.withdraw(phone, COMMISSION_YUAN)
    assert await phone.wallet_fen() == before + 4172


async def _every_book_agrees(world: World, numbers: list[str]) -> None:
    store = world.runtime.store
    assert await store.read(books.faults) == []
    assert (await store.read(ledger.check_fully)).is_clean
    ours, theirs = await store.read(_ours), await world.sim("GET", "/book")
    assert {o["out_trade_no"]: o["total_fen"] for o in theirs["orders"] if o["paid_at"]} == (
        ours["payments"]
    )
    sent = {t["out_bill_no"]: (t["amount_fen"], t["state"]) for t in theirs["transfers"]}
    assert sent == ours["transfers"]
    assert len(sent) == len(SELLERS)
    assert theirs["refunds"] == []
    assert sorted(ours["orders"]) == sorted(numbers)


def _tickets() -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in ServiceTicket.select():
        counts[row.member_id] = counts.get(row.member_id, 0) + 1
    return counts


def _released() -> int:
    return int(Commission.select().where(Commission.state == "released").count())


def _ours() -> dict[str, Any]:
    paid = Payment.select().where(Payment.state == "paid")
    return {
        "payments": {p.out_trade_no: p.received_fen for p in paid},
        "transfers": {
            w.out_bill_no: (w.net_fen, {"paid": "SUCCESS"}.get(w.state, w.state))
            for w in Withdrawal.select()
        },
        "orders": [o.order_no for o in Order.select() if re.match("received|completed", o.state)],
    }


async def test_after_restarts_under_load_all_books_agree(cluster: Cluster) -> None:
    """``docs/operations.md`` has the command for sixty and more people over minutes."""
    async with open_cluster(cluster) as world:
        await world.runtime.store.write(scale_people.stock_up)
        await world.runtime.store.write(scale_people.lift_ceilings)
        street = scale_people.Street(world, SECONDS)
        sellers, buyers = await _settle_in(world, street)
        desk = scale_people.Desk(await Merchant(world).sign_in(), street)
        street.begin()
        async with asyncio.TaskGroup() as lives:
            for each in (*sellers, *buyers, desk):
                lives.create_task(each.live())
            lives.create_task(_nights_and_restarts(street, cluster))
        await _everything_ends(world, street, desk, sellers)
        logs = [*(p.phone.log for p in (*sellers, *buyers)), desk.merchant.log]
        report = await world.runtime.store.read(_report, street, logs)
        sys.stdout.write(f"\n{json.dumps(report, ensure_ascii=False)}\n")
        assert scale_people.bad(logs) == []
        assert await world.runtime.store.read(books.faults) == []
        book = await world.sim("GET", "/book")
        assert await world.runtime.store.read(books.against_wechat, book) == []
        counts = await world.runtime.store.read(outbox_queries.counts)
        assert (counts.due, counts.leased, counts.dead) == (0, 0, 0)
        for name in ("web1", "web2", "worker1", "worker2"):
            assert scale_people.broken(cluster.said(name)) == []
        assert min(street.did[k] for k in ("nights", "restarts", "paid", "shipped", "chats")) > 0


async def _settle_in(
    world: World, street: scale_people.Street
) -> tuple[list[scale_people.Seller], list[scale_people.Buyer]]:
    """Create the distributors, then the buyers by their posters, a few at a time."""
    count = max(2, PEOPLE // (BUYERS_OF_ONE + 1))
    dice = random.Random(f"town of {PEOPLE}")
    sellers, posters = [], []
    for n in range(count):
        phone = await world.phone(f"seller{n:03d}")
        posters.append(await _open_for_business(world, phone.id, f"掌柜{n:03d}"))
        sellers.append(scale_people.Seller(phone, street, random.Random(dice.random())))
    buyers = []
    for n in range(PEOPLE - count):
        phone = await world.phone(f"lives{n:03d}")
        buyers.append(scale_people.Buyer(phone, street, random.Random(dice.random())))
    few = asyncio.Semaphore(8)

    async def arrive(n: int, buyer: scale_people.Buyer) -> None:
        async with few:
            await buyer.arrive(posters[n % count], f"掌柜{n % count:03d}")

    await asyncio.gather(*(arrive(n, buyer) for n, buyer in enumerate(buyers)))
    return sellers, buyers


async def _nights_and_restarts(street: scale_people.Street, cluster: Cluster) -> None:
    """Move the clock every few seconds and restart one process after another."""
    day = min(25.0, SECONDS / 2.5)
    leaving = ["web1", "worker1", "web2", "worker2"] if NGINX else ["worker1", "worker2"]
    while street.left > day:
        await asyncio.sleep(day * 0.4)
        name = leaving.pop(0)
        leaving.append(name)
        assert await cluster.stop(name) == 0, cluster.said(name)[-2000:]
        cluster.start_app(name, "serve" if name.startswith("web") else "worker")
        await cluster.is_well(name)
        street.did["restarts"] += 1
        await asyncio.sleep(day * 0.6)
        await street.night(days=2, hours=1)


async def _everything_ends(
    world: World, street: scale_people.Street, desk: scale_people.Desk,
    sellers: list[scale_people.Seller],
) -> None:  # fmt: skip
    """Finish all orders and cases, and withdraw the remaining balances."""
    for _ in range(100):
        if not await desk.round():
            break
    await world.settle()
    for days in (11, 9, 9):  # received automatically, completed, and the commission released
        await street.night(days=days)
        await world.settle()
        await _no_longer(world, _unfinished)
    for _ in range(20):
        took = await asyncio.gather(*(seller.withdraw() for seller in sellers))
        if not any(took):
            break
        await street.night(days=1)
    await world.move_to_noon()  # messages that wait for the day are sent
    await world.settle()
    await _no_longer(world, _unfinished)


async def _no_longer(world: World, query: Any) -> None:
    found = {}
    for _ in range(300):
        found = await world.runtime.store.read(query)
        if not found:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"still under way: {found}")


def _unfinished() -> dict[str, int]:
    """The work that the processes still have to do."""
    counts = outbox_queries.counts()
    found = {
        "orders": Order.select().where(Order.state.in_(("awaiting_payment", "closing"))).count(),
        "refunds": Refund.select().where(Refund.state.in_(("created", "processing"))).count(),
        "payouts": Withdrawal.select()
        .where(Withdrawal.state.in_(("approved", "paying", "awaiting_user")))
        .count(),
        # messages that wait for the end of the quiet hours are not due
        "outbox": counts.leased + int(counts.lag > timedelta(0)),
    }
    return {name: n for name, n in found.items() if n}


def _report(street: scale_people.Street, logs: list[list[str]]) -> dict[str, Any]:
    """Print the counts of what was done."""
    paid = list(Payment.select().where(Payment.state == "paid"))
    back = list(Refund.select().where(Refund.state == "succeeded"))
    out = list(Withdrawal.select().where(Withdrawal.state == "paid"))
    by_status = scale_people.statuses(logs)
    return {
        "people": PEOPLE,
        "seconds": SECONDS,
        "did": dict(street.did),
        "orders": dict(Counter(row.state for row in Order.select())),
        "payments": [len(paid), sum(row.received_fen for row in paid)],
        "refunds": [len(back), sum(row.amount_fen for row in back)],
        "withdrawals": [len(out), sum(row.net_fen for row in out)],
        "commission": dict(Counter(row.state for row in Commission.select())),
        "requests": by_status.total(),
        "by_status": dict(sorted(by_status.items())),
        "errors": len(scale_people.bad(logs)),
    }
