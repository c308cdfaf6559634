"""Two counters check one code at once; the clock and a counter meet."""

from __future__ import annotations

from functools import partial
from typing import Any

from domain import orders, pickups
from domain.pickups.service import refund_if_due
from kernel import context
from models import AfterSale, OrderLog, Pickup
from tests.factories.distribution import pass_time
from tests.factories.pickups import pickup_id_of, ready_pickup
from tests.harness import books
from tests.race.crowd import at_once, outcomes


def _hand_over(who: str, pickup_id: int) -> str:
    with context.acting(who):
        return pickups.hand_over(pickup_id, "adult")


async def test_one_code_is_taken_by_one_counter(store: Any) -> None:
    bought = await store.write(ready_pickup)
    pickup_id = await store.read(pickup_id_of, bought)
    found = await at_once(store, [partial(_hand_over, f"staff:{n}", pickup_id) for n in range(6)])
    assert outcomes(found) == {"ok": 1, "pickup_collected": 5}

    def check() -> None:
        received = (OrderLog.order == bought.order_id) & (OrderLog.to_state == "received")
        assert OrderLog.select().where(received).count() == 1
        assert books.faults() == []

    await store.read(check)


async def test_goods_are_handed_over_or_refunded_never_both(store: Any) -> None:
    bought = await store.write(ready_pickup)
    pickup_id = await store.read(pickup_id_of, bought)
    pass_time(days=8)
    both = [partial(pickups.hand_over, pickup_id, "adult"), partial(refund_if_due, pickup_id)]
    found = outcomes(await at_once(store, both * 3))
    assert found.pop("ok") == 3  # the clock's; it refunded once
    assert set(found) <= {"pickup_lapsed", "pickup_in_case"}

    def check() -> None:
        assert Pickup.get().state == "lapsed"
        assert AfterSale.select().count() == 1
        assert orders.order_by_id(bought.order_id).state == "paid"

    await store.read(check)
