"""Parallel orders of one SKU, payments beside closing, and repeated taps."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from domain import cart, members, orders
from domain.orders import ShipForm
from domain.orders import service as order_service
from domain.payments.service import mark_closed, settle
from kernel import clock
from kernel.store import CommandKey, database, insert_once, is_sqlite, store_for
from kernel.store.commands import CommandResult
from models import (
    CartLine,
    Member,
    Order,
    OrderLine,
    OrderLog,
    Payment,
    Refund,
    Setting,
    StockMove,
)
from tests.factories.catalog import make_product
from tests.factories.distribution import pass_time
from tests.factories.members import make_member
from tests.factories.orders import (
    begin,
    order_form,
    paid_order,
    paid_result,
    placed_order,
    shipped_order,
)
from tests.race.crowd import at_once, outcomes
from tests.race.sales import counts, forms, place, states


async def _rush(store: Any, buyers: int, stock: int) -> None:
    made = await store.write(make_product, stock=stock)
    people = [await store.write(make_member) for _ in range(buyers)]
    wanted = await store.write(forms, people, made.sku_id)
    answers = await at_once(store, [partial(place, form) for form in wanted])
    found = outcomes(answers)
    assert (found.pop("ok"), found.pop("stock_short", 0), found) == (stock, buyers - stock, {})
    assert await store.read(counts, made.sku_id) == (0, stock, 0)
    assert await store.read(Order.select().count) == stock
    assert await store.read(OrderLine.select().count) == stock
    assert await store.read(StockMove.select().where(StockMove.reason == "hold").count) == stock


async def test_five_of_twenty_buyers_get_the_last_five(store: Any) -> None:
    await _rush(store, 20, 5)


async def test_one_of_fifty_buyers_gets_the_last_one(store: Any) -> None:
    await _rush(store, 50, 1)


async def test_all_of_twenty_buyers_get_one_if_there_is_enough(store: Any) -> None:
    await _rush(store, 20, 20)


async def test_forty_of_a_hundred_buyers_in_the_lanes_of_two_stores_get_one(store: Any) -> None:
    made = await store.write(make_product, stock=40)
    people = [await store.write(make_member) for _ in range(100)]
    wanted = await store.write(forms, people, made.sku_id)
    keys = [CommandKey(f"member:{m}", "place", "tap", []) for m in people]
    other = store if is_sqlite() else store_for(database.obj, threads=4)
    taps = [
        (store, other)[n // 2 % 2].once(key, orders.place_checkout, form, None)
        for n, (form, key) in enumerate(zip(wanted * 2, keys * 2, strict=True))  # each taps twice
    ]
    try:
        found = outcomes(await asyncio.gather(*taps, return_exceptions=True))
    finally:
        if other is not store:
            await other.close()
    assert found == {"ok": 80, "stock_short": 120}
    assert await store.read(counts, made.sku_id) == (0, 40, 0)
    assert await store.read(Order.select().count) == 40
    assert await store.read(CommandResult.select().count) == 40


async def test_orders_of_two_products_in_opposite_order_all_succeed(store: Any) -> None:
    one = await store.write(make_product, stock=20)
    two = await store.write(make_product, stock=20)
    people = [await store.write(make_member) for _ in range(20)]
    pairs = [(one.sku_id, two.sku_id), (two.sku_id, one.sku_id)]
    wanted = [
        await store.write(order_form, m, [(sku, 1) for sku in pairs[n % 2]])
        for n, m in enumerate(people)
    ]
    answers = await at_once(store, [partial(place, form) for form in wanted])
    assert outcomes(answers) == {"ok": 20}
    assert await store.read(counts, one.sku_id) == (0, 20, 0)
    assert await store.read(counts, two.sku_id) == (0, 20, 0)


async def test_one_order_key_from_ten_taps_is_one_order(store: Any) -> None:
    made = await store.write(make_product, stock=100)
    form = await store.write(lambda: order_form(make_member(), [(made.sku_id, 1)]))
    key = CommandKey(f"m:{form.member_id}", "place_order", "tap-1", {"sku": made.sku_id})
    answers = await at_once(store, [partial(place, form)] * 10, key)
    assert outcomes(answers) == {"ok": 10}
    assert len({answer["order_no"] for answer in answers}) == 1
    assert await store.read(Order.select().count) == 1
    assert await store.read(CommandResult.select().count) == 1
    assert await store.read(counts, made.sku_id) == (99, 1, 0)


async def test_ten_taps_for_the_last_bottle_all_get_the_answer_of_the_first(store: Any) -> None:
    """The first tap takes the last bottle; the others must not be told that it is sold out."""
    for n in range(3):
        made = await store.write(make_product, stock=1)
        form = await store.write(lambda sku=made.sku_id: order_form(make_member(), [(sku, 1)]))
        key = CommandKey(f"m:{form.member_id}", "place_order", f"tap-{n}", {"sku": made.sku_id})
        answers = await at_once(store, [partial(place, form)] * 10, key)
        assert outcomes(answers) == {"ok": 10}
        assert len({answer["order_no"] for answer in answers}) == 1
        assert await store.read(counts, made.sku_id) == (0, 1, 0)
        assert await store.read(Order.select().count) == n + 1


async def test_a_key_with_different_bodies_is_accepted_once(store: Any) -> None:
    made = await store.write(make_product, stock=100)
    form = await store.write(lambda: order_form(make_member(), [(made.sku_id, 1)]))
    keys = [CommandKey("m:1", "place_order", "k", {"n": n}) for n in range(10)]
    answers = await asyncio.gather(
        *(store.once(key, place, form) for key in keys), return_exceptions=True
    )
    assert outcomes(answers) == {"ok": 1, "command_reused": 9}
    assert await store.read(Order.select().count) == 1


def _rounds_of_closing() -> list[Any]:
    made = []
    for _ in range(6):
        bought = placed_order(quantity=2)
        made.append((bought, begin(bought)))
    return made


async def test_a_payment_beside_closing_ends_paid_or_refunded(store: Any) -> None:
    """A payment before the cancellation pays the order; a later one is refunded automatically."""
    pairs = await store.write(_rounds_of_closing)
    for bought, number in pairs:
        paid = paid_result(number, bought.payable_fen)
        calls = [
            partial(order_service.begin_closing, bought.order_id, "buyer"),
            partial(settle, paid),
            partial(_close_here, bought.order_id, number),
            partial(settle, paid),
        ]
        answers = await at_once(store, calls)
        assert set(outcomes(answers)) <= {"ok", "order_state", "payments_open", "order_moved"}
        state = (await store.read(Order.get_by_id, bought.order_id)).state
        back = await store.read(
            Refund.select().join(Payment).where(Payment.payable_id == bought.order_id).count
        )
        assert (state, back) in (("paid", 0), ("cancelled", 1))
        held = await store.read(counts, bought.product.sku_id)
        assert held == ((98, 0, 2) if state == "paid" else (100, 0, 0))
    assert await store.read(Payment.select().where(Payment.state == "paid").count) == 6


def _close_here(order_id: int, number: str) -> str:
    """Record that WeChat closed the payment, and cancel the order if possible."""
    mark_closed(number)
    return order_service.finish_closing(order_id)


async def test_one_of_ten_parallel_confirmations_of_receipt_counts(store: Any) -> None:
    bought = await store.write(shipped_order)
    confirm = partial(orders.confirm_receipt, bought.order_no, bought.member_id)
    answers = await at_once(store, [confirm] * 10)
    assert outcomes(answers) == {"ok": 1, "order_state": 9}
    logged = OrderLog.select().where(OrderLog.to_state == "received")
    assert await store.read(logged.count) == 1


async def test_an_order_is_received_once_by_buyer_or_by_time(store: Any) -> None:
    bought = await store.write(shipped_order)
    pass_time(days=11)
    confirm = partial(orders.confirm_receipt, bought.order_no, bought.member_id)
    answers = await at_once(
        store, [confirm, partial(order_service.receive_if_due, bought.order_id)]
    )
    assert set(outcomes(answers)) <= {"ok", "order_state"}
    logged = OrderLog.select().where(OrderLog.to_state == "received")
    assert await store.read(logged.count) == 1
    assert await store.read(states) == {"received": 1}


async def test_ten_parcels_of_one_order_ship_each_piece_once(store: Any) -> None:
    bought = await store.write(paid_order, quantity=4)
    line = (await store.read(lambda: bought.line_ids))[0]
    calls = [
        partial(
            orders.ship_parcel, bought.order_id, ShipForm("顺丰速运", f"SF99{n:04d}", ((line, 1),))
        )
        for n in range(10)
    ]
    answers = await at_once(store, calls)
    found = outcomes(answers)
    assert found["ok"] == 4
    assert sum(found.values()) == 10
    assert (await store.read(OrderLine.get_by_id, line)).shipped == 4
    assert await store.read(states) == {"shipped": 1}


async def test_ten_parallel_first_visits_of_a_person_make_one_member(store: Any) -> None:
    answers = await at_once(
        store, [partial(members.ensure_member, "wx5de3000000000001", "o-the-same")] * 10
    )
    assert outcomes(answers) == {"ok": 10}
    assert len({member_id for member_id, _ in answers}) == 1
    assert sorted(is_new for _, is_new in answers) == [False] * 9 + [True]
    assert await store.read(Member.select().count) == 1


async def test_ten_parallel_additions_to_the_cart_are_all_counted(store: Any) -> None:
    made = await store.write(make_product)
    answers = await at_once(store, [partial(cart.add, "m:1", made.sku_id, 1)] * 10)
    assert outcomes(answers) == {"ok": 10}
    (line,) = await store.read(lambda: list(CartLine.select()))
    assert line.quantity == 10


async def test_one_of_twenty_parallel_insert_once_calls_inserts(store: Any) -> None:
    insert = partial(insert_once, Setting, key="x", value={}, updated_at=clock.now())
    answers = await at_once(store, [insert] * 20)
    assert sorted(answers) == [False] * 19 + [True]
    assert await store.read(Setting.select().count) == 1
