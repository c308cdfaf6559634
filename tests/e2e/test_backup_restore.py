"""Backup, later payments and withdrawals, restore, hold, reconciliation.

Nobody is paid twice and nothing unpaid is shipped. The book of the simulated WeChat is the
independent check of all amounts.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.backup import backup, restore
from app.commands import perform
from domain import after_restore_hold, aftersales, distribution, ledger, orders, payouts, settings
from domain.orders import ShipForm
from kernel.errors import Conflict, Invalid
from models import BillLine, Order, Payment, Refund, Sku, Withdrawal
from tests.databases import drop, recreate
from tests.e2e.restored import Person, Place
from tests.factories.distribution import ID_NUMBER
from tests.harness import books
from tests.harness.world import World

pytestmark = pytest.mark.durable
CHENNIANG, TASTING = "SQF-CN-500", "SQF-PJ-50-3"


@pytest.fixture
def place(tmp_path: Path, db: Any) -> Place:
    """A folder and free ports; the database of this test worker is empty."""
    db.close()
    return Place(tmp_path)


@pytest.fixture
def other_url(database_url: str, tmp_path: Path) -> Any:
    """The database into which the backup is restored."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/restored.sqlite3"
        return
    url = f"{database_url}_back"
    recreate(url)
    yield url
    drop(url)


class Story:
    """The orders and withdrawals before and after the backup."""

    before: str  # paid, delivered, its commission released
    unpaid: str  # placed before the backup, paid after it
    refunded: str  # paid before the backup, refunded after it
    forgotten: str  # placed and paid after the backup
    waiting: str  # a withdrawal approved before the backup, sent after it
    later: str  # a withdrawal requested and paid after the backup


async def _earn(world: World, lin: Person, wang: Person) -> str:
    """lin earns commission by a sale to wang, and it becomes available."""
    store = world.runtime.store
    await lin.sell_for("小林", ID_NUMBER)
    await store.write(settings.change, settings.Distribution, {"tax_method": "ordinary"})
    await store.write(distribution.bind, wang.member_id, lin.member_id, cause="link", is_new=True)
    order_no = await wang.buy(CHENNIANG)
    order_id = await store.read(orders.order_id_of, order_no)
    await store.write(orders.ship_parcel, order_id, ShipForm("顺丰速运", "SF1000000001"))
    await store.write(orders.confirm_receipt, order_no, wang.member_id)
    await world.move(days=9)
    return order_no


async def _live_until_backup(world: World, story: Story) -> None:
    store = world.runtime.store
    lin, wang = await Person.meet(world, "lin"), await Person.meet(world, "wang")
    story.before = await _earn(world, lin, wang)
    assert await store.read(_available, lin.member_id) == 4172
    story.unpaid = await wang.place(TASTING, 2)
    story.refunded = await wang.buy(TASTING)
    await store.write(payouts.stop_payouts, "staff:finance", "备份前核对")
    story.waiting = await _approved_while_stopped(world, lin)


async def _approved_while_stopped(world: World, lin: Person) -> str:
    """An approved withdrawal that was not sent to WeChat."""
    store = world.runtime.store
    await store.write(payouts.resume_payouts, "staff:finance")
    number = await store.write(_ask_and_stop, lin.member_id)
    await world.settle()
    assert await store.read(_state_of, number) == "approved"
    return str(number)


def _ask_and_stop(member_id: int) -> str:
    number = distribution.request_withdrawal(member_id, 1000)["out_bill_no"]
    payouts.stop_payouts("staff:finance", "备份前核对")
    return str(number)


async def _live_on(world: World, story: Story) -> None:
    """Create what is missing in the backup."""
    store = world.runtime.store
    lin, wang = await Person.meet(world, "lin"), await Person.meet(world, "wang")
    await store.write(payouts.resume_payouts, "staff:finance")
    await world.settle()
    await world.move(minutes=6)
    await lin.confirm(story.waiting)
    story.later = await lin.ask(1500)
    await world.settle()
    await lin.confirm(story.later)
    await wang.pay(story.unpaid)
    made = await store.write(aftersales.cancel_paid_order, story.refunded, wang.member_id)
    await store.write(aftersales.approve_case, made["case_id"])
    await world.settle()
    story.forgotten = await wang.buy(TASTING)
    states = await store.read(_withdrawals)
    assert states == {story.waiting: "paid", story.later: "paid"}
    assert await store.read(_order_state, story.refunded) == "refunded"
    assert await store.read(books.faults) == []


async def _nothing_leaves(world: World, story: Story, theirs: dict[str, Any]) -> None:
    """During the hold neither jobs nor people can pay out, refund or ship older orders."""
    store = world.runtime.store
    lin = await Person.meet(world, "lin")
    assert await store.read(_available, lin.member_id) == 3172  # in the lost database it was 1672
    await world.settle()
    await world.move(minutes=11)
    with pytest.raises(Invalid, match="payouts_stopped"):
        await lin.ask(3000)
    order_id = await store.read(orders.order_id_of, story.refunded)
    with pytest.raises(Conflict, match=after_restore_hold.HELD):
        await store.write(orders.ship_parcel, order_id, ShipForm("顺丰速运", "SF1000000002"))
    with pytest.raises(Conflict, match=after_restore_hold.HELD):
        await store.write(aftersales.merchant_refund, story.before, (), "误操作")
    with pytest.raises(Conflict, match="hold_bills_unread"):
        await store.write(after_restore_hold.lift_hold, "operator:root", "着急")
    assert await world.sim("GET", "/book") == theirs
    assert await store.read(_order_state, story.unpaid) == "awaiting_payment"


async def _command(world: World, command: str, **arguments: Any) -> tuple[int, str]:
    said = {"command": command, "by": "operator:test"} | arguments
    return await perform(world.runtime, argparse.Namespace(**said))


async def test_after_a_restore_nobody_is_paid_twice_and_nothing_unpaid_is_shipped(
    place: Place, database_url: str, other_url: str
) -> None:
    story, file = Story(), place.folder / "shop.backup"
    first, second = place.config(database_url), place.config(other_url, "uploads-back")
    async with place.wechat():
        async with place.shop(first) as world:
            await _live_until_backup(world, story)
            assert str(file) in await backup(first, file)
            await _live_on(world, story)
            theirs = await world.sim("GET", "/book")
            day = (await world.sim("GET", "/clock"))["now"][:10]
        settings.forget_cache()
        assert "hold" in await restore(second, file)
        settings.forget_cache()
        async with place.shop(second) as world:
            await _nothing_leaves(world, story, theirs)
            await _reconcile(world, story, date.fromisoformat(day))
            await _after_the_hold(world, story, theirs)
    assert _pictures(place.folder / "uploads") == _pictures(place.folder / "uploads-back")


async def _reconcile(world: World, story: Story, day: date) -> None:
    _, output = await _command(world, "reconcile", since=day)
    assert "hold_bills_unread" in output, output
    assert await world.runtime.store.read(_withdrawals) == {
        story.waiting: "paid"
    }  # its state was queried
    await world.move(days=1, hours=11)
    status, output = await _command(world, "reconcile", since=day)
    store = world.runtime.store
    assert await store.read(_withdrawals) == {story.waiting: "paid", story.later: "paid"}
    assert await store.read(_order_state, story.unpaid) == "paid"
    assert await store.read(_order_state, story.refunded) == "refunded"
    with pytest.raises(Exception, match="order_missing"):
        await store.read(orders.order_id_of, story.forgotten)
    listed = (await store.read(after_restore_hold.hold_state)).listed
    assert status == 1
    assert [x for x in listed if "no_order" in x], output
    assert "a person may lift the hold" in output


async def _after_the_hold(world: World, story: Story, theirs: dict[str, Any]) -> None:
    """After the hold is lifted the shop works again, and both books agree."""
    store = world.runtime.store
    lin = await Person.meet(world, "lin")
    status, output = await _command(world, "hold", action="lift", reason=" ", by="operator:root")
    assert (status, output) == (1, "refused: reason_missing reason")
    status, _ = await _command(
        world, "hold", action="lift", reason="差异已核对", by="operator:root"
    )
    assert status == 0
    await world.settle()
    await store.write(payouts.resume_payouts, "staff:finance")
    await world.move(minutes=6)
    assert await store.read(_available, lin.member_id) == 1672
    with pytest.raises(Conflict, match="balance_too_low"):
        await lin.ask(3000)
    ours = await store.read(_book, story)
    book = await world.sim("GET", "/book")
    assert {t["out_bill_no"]: t["amount_fen"] for t in book["transfers"]} == ours["transfers"]
    assert {r["out_refund_no"]: r["amount_fen"] for r in book["refunds"]} == ours["refunds"]
    paid = {o["out_trade_no"] for o in book["orders"] if o["paid_at"]}
    assert len(paid - ours["payments"]) == 1  # of the order that is in no backup
    assert ours["payments"] < paid
    assert len(book["transfers"]) == len(theirs["transfers"])
    assert len(book["refunds"]) == len(theirs["refunds"])
    assert await store.read(books.faults) == []
    assert (await store.read(ledger.check_fully)).is_clean
    await _new_numbers(world, lin, book)


async def _new_numbers(world: World, lin: Person, book: dict[str, Any]) -> None:
    """New payments and withdrawals have numbers that WeChat doesn't know."""
    number = await lin.ask(1000)
    wang = await Person.meet(world, "wang")
    order_no = await wang.buy(TASTING)
    known = {t["out_bill_no"] for t in book["transfers"]}
    known |= {o["out_trade_no"] for o in book["orders"]}
    store = world.runtime.store
    fresh = await store.read(_payment_number, order_no)
    assert not {number, fresh} & known
    await world.settle()
    await lin.confirm(number)
    assert (await store.read(_withdrawals))[number] == "paid"
    order_id = await store.read(orders.order_id_of, order_no)
    await store.write(orders.ship_parcel, order_id, ShipForm("顺丰速运", "SF1000000003"))
    assert await store.read(books.faults) == []


def _available(member_id: int) -> int:
    return ledger.balance(ledger.member_account("available", member_id))


def _state_of(out_bill_no: str) -> str:
    return str(Withdrawal.get(Withdrawal.out_bill_no == out_bill_no).state)


def _withdrawals() -> dict[str, str]:
    return {w.out_bill_no: w.state for w in Withdrawal.select()}


def _order_state(order_no: str) -> str:
    return str(Order.get(Order.order_no == order_no).state)


def _payment_number(order_no: str) -> str:
    paid = (Payment.payable_no == order_no) & (Payment.state == "paid")
    return str(Payment.get(paid).out_trade_no)


def _book(story: Story) -> dict[str, Any]:
    open_lines = [x.out_number for x in BillLine.select().where(BillLine.state == "theirs_only")]
    assert len(open_lines) == 1
    assert Sku.select().where(Sku.stock < 0).count() == 0
    return {
        "transfers": {w.out_bill_no: w.net_fen for w in Withdrawal.select()},
        "refunds": {r.out_refund_no: r.amount_fen for r in Refund.select()},
        "payments": {p.out_trade_no for p in Payment.select().where(Payment.state == "paid")},
    }


def _pictures(folder: Path) -> dict[str, int]:
    """The uploaded pictures with their sizes."""
    return {
        str(p.relative_to(folder)): p.stat().st_size
        for p in sorted((folder / "pictures").rglob("*"))
        if p.is_file()
    }
