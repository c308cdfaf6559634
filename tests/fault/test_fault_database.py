"""The database is killed under load and during COMMIT; SQLite's disk is full.

During the fault the merchant's pages name the cause. Afterwards they show exactly what was done.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError, PeeweeException

from app.wiring import subscribe_all
from domain import catalog, orders
from domain.orders.payable import begin_order_payment
from domain.payments.service import settle
from kernel.errors import GatewayError
from kernel.store import CommandKey, database, disk_state, open_store
from kernel.store.commands import CommandResult
from models import Order, Payment
from tests.databases import fresh
from tests.factories.catalog import make_product
from tests.factories.members import APPID, make_member
from tests.factories.orders import MCHID, order_form, paid_result
from tests.fault.owner import Owner, owner_of
from tests.harness import books

BUYERS = 8
ORDERS_EACH = 6


@pytest.fixture
async def shop(server: Any) -> AsyncIterator[Any]:
    """A store on a database server of this test, with all event handlers subscribed."""
    before = database.obj
    await asyncio.to_thread(fresh, server.url)
    subscribe_all()
    store = open_store(server.url, threads=8)
    yield store
    await store.close()
    database.initialize(before)


@pytest.fixture
async def owner(shop: Any) -> AsyncIterator[Owner]:
    """The merchant's pages on the same store."""
    async with owner_of(shop) as opened:
        yield opened


async def _insist(store: Any, verb: Callable[..., Any], *args: Any, key: CommandKey) -> Any:
    """Repeat a failed request with the same key, as a client does, until it succeeds."""
    for _ in range(600):
        try:
            return await store.once(key, verb, *args)
        except (GatewayError, PeeweeException):
            await asyncio.sleep(0.05)
    raise AssertionError("the database never came back")


def _place(form: Any) -> dict[str, Any]:
    return orders.place_order(form)


def _pay(order_no: str, member_id: int, fen: int) -> dict[str, Any]:
    """Begin a payment and book its arrival, in one verb."""
    number = begin_order_payment(order_no, member_id, "jsapi", MCHID, APPID).out_trade_no
    return {"number": number, "outcome": settle(paid_result(number, fen))}


async def _buy(store: Any, form: Any, who: int) -> list[str]:
    """One buyer orders and pays ``ORDERS_EACH`` times; returns the order numbers."""
    numbers = []
    for n in range(ORDERS_EACH):
        key = CommandKey(f"m:{form.member_id}", "place_order", f"{who}-{n}")
        made = await _insist(store, _place, form, key=key)
        numbers.append(made["order_no"])
        paid = CommandKey(f"m:{form.member_id}", "pay", f"{who}-{n}")
        await _insist(store, _pay, made["order_no"], form.member_id, made["payable_fen"], key=paid)
    return numbers


@pytest.mark.slow
async def test_the_database_is_killed_twice_under_load(
    shop: Any, server: Any, owner: Owner
) -> None:
    """Each order exists exactly once; a repeated request finds it by its key.

    A page that is read during the restart says that the database can't be reached. Afterwards the
    first page shows the right number of orders and no warning.
    """
    looked = []
    made = await shop.write(make_product, stock=100)
    people = [await shop.write(make_member) for _ in range(BUYERS)]
    forms = [await shop.write(order_form, m, [(made.sku_id, 1)]) for m in people]
    buying = [asyncio.create_task(_buy(shop, form, n)) for n, form in enumerate(forms)]
    for _ in range(2):
        await asyncio.sleep(0.4)
        await asyncio.to_thread(server.restart_at_once)
        looked.append(await owner.reads("/admin/"))
    numbers = list(chain.from_iterable(await asyncio.gather(*buying)))
    assert len(set(numbers)) == BUYERS * ORDERS_EACH
    rows = await shop.read(list, Order.select())
    assert sorted(row.order_no for row in rows) == sorted(numbers)
    assert {row.state for row in rows} == {"paid"}
    paid = Payment.select().where(Payment.state == "paid")
    assert await shop.read(paid.count) == len(numbers)
    assert await shop.read(CommandResult.select().count) == 2 * len(numbers)
    assert await shop.read(books.faults) == []
    assert {status for status, _ in looked} <= {200, 503}
    assert all("数据库暂时连不上" in text for status, text in looked if status == 503)
    status, text = await owner.reads("/admin/")
    assert (status, f"待发货 {len(numbers)} " in text) == (200, True), text
    assert not [word for word in ("没有明确回答", "磁盘", "自动重试") if word in text]
    for number in numbers[::12]:
        status, text = await owner.reads(f"/admin/orders/{number}")
        assert (status, "待发货" in text, "付款成功" in text) == (200, True, True)


@pytest.mark.slow
async def test_pages_name_the_database_while_it_cannot_be_reached(
    shop: Any, server: Any, owner: Owner
) -> None:
    """The pages blame the database, not WeChat and not themselves."""
    made = await shop.write(make_product, stock=10)
    form = await shop.write(lambda: order_form(make_member(), [(made.sku_id, 1)]))
    number = (await shop.write(_place, form))["order_no"]
    note = f"/admin/orders/{number}/note"
    await asyncio.to_thread(server.stop)
    for _ in range(2):
        status, text = await owner.reads("/admin/")
        assert (status, "数据库暂时连不上" in text) == (503, True), text
    status, text = await owner.sends(note, note="先问问")
    assert status == 503
    assert "数据库" in text
    assert "微信" not in text
    await asyncio.to_thread(server.start)
    assert (await owner.sends(note, note="先问问"))[0] == 303
    status, text = await owner.reads(f"/admin/orders/{number}")
    assert (status, "待付款" in text) == (200, True)


@pytest.mark.slow
@pytest.mark.parametrize("arrives", [True, False])
async def test_the_database_is_killed_during_commit(
    shop: Any, server: Any, owner: Owner, arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unknown whether the COMMIT took effect; the repeated key leads to one order.

    The merchant's list shows the order once.
    """
    made = await shop.write(make_product, stock=10)
    form = await shop.write(lambda: order_form(make_member(), [(made.sku_id, 1)]))
    db = database.obj
    real, cuts = db.commit, [1]

    def commit() -> None:
        if not cuts:
            return real()
        cuts.pop()
        if arrives:
            real()
        server.restart_at_once()
        return real()  # fails: its connection was cut by the restart

    monkeypatch.setattr(db, "commit", commit)
    key = CommandKey(f"m:{form.member_id}", "place_order", "one")
    answer = await _insist(shop, _place, form, key=key)
    again = await _insist(shop, _place, form, key=key)
    assert (cuts, again) == ([], answer)
    rows = await shop.read(list, Order.select())
    assert [row.order_no for row in rows] == [answer["order_no"]]
    assert await shop.read(books.faults) == []
    status, text = await owner.reads("/admin/orders?view=all")
    assert (status, text.count(answer["order_no"])) == (200, 1)


async def test_verbs_fail_cleanly_while_the_disk_of_sqlite_is_full(
    tmp_path: Path, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verb without disk space fails and leaves no rows; with space again verbs succeed."""
    monkeypatch.setattr(disk_state, "KEPT_SECONDS", 1.0)
    url = f"sqlite:///{tmp_path}/full.sqlite3"
    await asyncio.to_thread(fresh, url)
    subscribe_all()
    store, stack = open_store(url), contextlib.AsyncExitStack()
    try:
        made = await store.write(make_product, stock=500)
        form = await store.write(lambda: order_form(make_member(), [(made.sku_id, 1)]))
        owner = await stack.enter_async_context(owner_of(store))
        await store.write(_pages_left, 3)
        placed, full = 0, 0
        for _ in range(6):
            answers = await asyncio.gather(
                *(store.write(_place, form) for _ in range(20)), return_exceptions=True
            )
            placed += sum(isinstance(answer, dict) for answer in answers)
            errors = [a for a in answers if isinstance(a, BaseException)]
            full += len(errors)
            assert all(isinstance(e, OperationalError) and "full" in str(e) for e in errors)
        assert full > 0
        number = (await store.read(Order.get)).order_no
        await _is_told_that_the_disk_is_full(owner, number)
        assert await store.read(Order.select().count) == placed
        assert await store.read(books.faults) == []
        await asyncio.sleep(disk_state.KEPT_SECONDS + 0.1)
        await store.write(_pages_left, 100_000)
        await store.write(_place, form)
        status, text = await owner.reads("/admin/")
        assert (status, "磁盘" in text) == (200, False)
        assert (await owner.sends(f"/admin/orders/{number}/note", note="好了"))[0] == 303
        assert "备注已保存" in (await owner.reads(f"/admin/orders/{number}"))[1]
        assert await store.read(Order.select().count) == placed + 1
        assert await store.read(catalog.skus_out_of_balance) == []
        assert await store.read(books.faults) == []
    finally:
        await stack.aclose()
        await store.close()
        database.initialize(db)


async def _is_told_that_the_disk_is_full(owner: Owner, order_no: str) -> None:
    """Saving fails with the cause, pages can be read, and the first page warns."""
    for n in range(200):  # the first small changes may still fit
        status, text = await owner.sends(f"/admin/orders/{order_no}/note", note="字" * (n + 1))
        if status != 303:
            break
    assert (status, "服务器磁盘已满，暂时不能保存" in text) == (503, True), text
    status, text = await owner.reads("/admin/")
    assert (status, "服务器磁盘已满，新的订单和修改都存不下来" in text) == (200, True), text
    assert (await owner.reads(f"/admin/orders/{order_no}"))[0] == 200


def _pages_left(pages: int) -> None:
    """Limit the file to its present size and that many more pages."""
    (now,) = database.obj.execute_sql("PRAGMA page_count").fetchone()
    database.obj.execute_sql(f"PRAGMA max_page_count = {now + pages}")
