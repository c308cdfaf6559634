"""Places and pickups for tests, brought by the verbs to the state that a test needs."""

from __future__ import annotations

from typing import Any

from domain import logistics, pickups
from domain.logistics import PlaceForm
from domain.pickups import Collector
from tests.factories.catalog import make_product
from tests.factories.numbers import next_number
from tests.factories.orders import Bought, paid_order, placed_order

HOURS = ("09:00-21:00",) * 6 + ("",)


def place_form(name: str = "", **more: Any) -> PlaceForm:
    """A place in Luzhou that is open from Monday to Saturday."""
    values = {
        "name": name or f"江阳店{next_number('place')}", "province": "四川省", "city": "泸州市",
        "district": "江阳区", "address": "滨江路 18 号", "phone": "0830-3101234", "hours": HOURS,
    } | more  # fmt: skip
    return PlaceForm(**values)


def make_place(name: str = "", **more: Any) -> int:
    """The id of a place that takes orders."""
    return logistics.add_place(place_form(name, **more))


def _wish(place_id: int | None, more: dict[str, Any]) -> dict[str, Any]:
    made = more.pop("product", None) or make_product(price_fen=5_900, stock=9)
    quantity = more.get("quantity", 1)
    to = Collector(place_id or make_place(), "林小山", "13800138000")
    payable = more.pop("payable_fen", 5_900 * quantity)
    return more | {
        "product": made, "delivery": pickups.PICKUP, "to": to, "expected_payable_fen": payable,
    }  # fmt: skip


def placed_pickup(place_id: int | None = None, **more: Any) -> Bought:
    """An order to be collected, not yet paid."""
    return placed_order(**_wish(place_id, more))


def paid_pickup(place_id: int | None = None, **more: Any) -> Bought:
    """A paid order that is to be prepared."""
    return paid_order(**_wish(place_id, more))


def ready_pickup(place_id: int | None = None, **more: Any) -> Bought:
    """A paid order that waits to be collected."""
    bought = paid_pickup(place_id, **more)
    pickups.mark_ready(pickup_id_of(bought))
    return bought


def pickup_id_of(bought: Bought) -> int:
    """The id of an order's pickup."""
    found = pickups.pickup_of_order(bought.order_id)
    assert found is not None
    return found.id


def code_of(bought: Bought) -> str:
    """The buyer's code."""
    return pickups.code_of_buyer(bought.order_no, bought.member_id)
