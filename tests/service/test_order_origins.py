"""The source (来源) and the medium (入口) of orders, ADR 82."""

from __future__ import annotations

from typing import Any

import pytest

from app.wiring import subscribe_all
from domain import distribution, orders
from kernel import clock
from models import Arrival, Distributor, Order, Scene
from tests.factories.distribution import make_distributor, make_rule, pass_time
from tests.factories.members import make_member
from tests.factories.orders import paid_order, placed_order


@pytest.fixture(autouse=True)
def _wired(db: Any) -> None:
    subscribe_all()


def code_of(member_id: int) -> str:
    """A distributor's referral code."""
    return str(Distributor.get(Distributor.member == member_id).referral_code)


def origin(member_id: int) -> tuple[str, str]:
    """The source and medium of an order that this member places now."""
    row: Any = Order.get_by_id(placed_order(member_id).order_id)
    return row.source, row.medium


@pytest.mark.parametrize("source", ["link", "poster", "card", "moments"])
def test_a_distributor_s_link_is_both_source_and_medium(source: str) -> None:
    make_rule(1000)
    buyer = make_member("小林")
    distribution.record_touch("v1", code_of(make_distributor()), source, None, buyer)
    assert origin(buyer) == (source, source)


def test_the_touch_of_the_browser_counts_after_the_sign_in() -> None:
    hui, buyer = make_distributor(), make_member("小林")
    distribution.record_touch("v1", code_of(hui), "moments")
    distribution.apply_touches(buyer, "v1", is_new=True)
    assert origin(buyer) == ("moments", "moments")


def test_a_scanned_poster_is_the_source_and_the_chat_the_medium() -> None:
    """A buyer who scans, follows, and taps a product in the chat was brought by the code."""
    hui, buyer = make_distributor(), make_member("小林")
    Scene.insert(scene="d1", kind="referral", member=hui, created_at=clock.now()).execute()
    distribution.record_scene_touch(buyer, "oLin", "d1", is_new=True)
    pass_time(minutes=3)
    distribution.record_arrival(buyer, "chat")
    assert origin(buyer) == ("scan", "chat")


def test_the_source_is_the_touch_of_the_order_s_seller() -> None:
    hui, zhou, buyer = make_distributor("阿慧"), make_distributor("老周"), make_member("小林")
    make_rule(1000)
    distribution.record_touch("v1", code_of(hui), "poster", None, buyer)
    pass_time(hours=1)
    distribution.record_touch("v1", code_of(zhou), "card", None, buyer)
    row: Any = Order.get_by_id(placed_order(buyer).order_id)
    assert (row.seller_id, row.source, row.medium) == (hui, "poster", "card")


def test_an_old_touch_of_the_seller_is_found_behind_twenty_others() -> None:
    hui, buyer = make_distributor("阿慧"), make_member("小林")
    distribution.record_touch("v1", code_of(hui), "poster", None, buyer)
    for n in range(21):
        pass_time(hours=1)
        distribution.record_touch("v1", code_of(make_distributor(f"友{n}")), "card", None, buyer)
    assert origin(buyer) == ("poster", "card")


def test_after_a_day_without_a_touch_the_medium_is_direct() -> None:
    hui, buyer = make_distributor(), make_member("小林")
    distribution.record_touch("v1", code_of(hui), "card", None, buyer)
    pass_time(hours=25)
    assert origin(buyer) == ("card", "direct")
    distribution.record_arrival(buyer, "menu")
    assert origin(buyer) == ("card", "menu")


@pytest.mark.parametrize(
    ("medium", "found"), [(None, "direct"), ("menu", "menu"), ("chat", "chat")]
)
def test_without_a_seller_the_source_is_the_medium(medium: str | None, found: str) -> None:
    buyer = make_member("小林")
    if medium:
        distribution.record_arrival(buyer, medium)
    assert origin(buyer) == (found, found)


def test_the_latest_way_in_counts() -> None:
    buyer = make_member("小林")
    distribution.record_arrival(buyer, "menu")
    pass_time(minutes=1)
    distribution.record_arrival(buyer, "chat")
    assert [(row.medium, row.member_id) for row in Arrival.select()] == [("chat", buyer)]
    pass_time(minutes=1)
    distribution.record_touch("v1", code_of(make_distributor()), "card", None, buyer)
    assert origin(buyer)[1] == "card"


def test_a_source_or_medium_outside_the_registry_is_not_stored() -> None:
    buyer = make_member("小林")
    with pytest.raises(ValueError, match="way of the account"):
        distribution.record_arrival(buyer, "card")
    with pytest.raises(ValueError, match="no such origin"):
        orders.record_origin(1, "tv", "chat")
    distribution.record_touch("v1", code_of(make_distributor()), "tv", None, buyer)
    assert origin(buyer)[0] == "link"


def test_figures_by_source_count_people_orders_and_what_was_paid() -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    make_rule(1000)
    for name, source in (("甲", "poster"), ("乙", "poster"), ("丙", "card")):
        buyer = make_member(name)
        distribution.record_touch(f"v{name}", code_of(hui), source, None, buyer)
        if name != "乙":
            paid_order(buyer)
    distribution.record_touch("v4", code_of(zhou), "moments")
    paid_order(make_member("丁"))
    mine = {row.code: row for row in distribution.origin_figures(hui, 30)}
    assert {code: (row.people, row.orders) for code, row in mine.items()} == {
        "poster": (2, 1), "card": (1, 1),
    }  # fmt: skip
    assert mine["card"].sales_fen == Order.get(Order.source == "card").paid_fen
    every = {row.code: row for row in distribution.origin_figures(None, 30)}
    assert {code: (row.people, row.orders, row.came_in) for code, row in every.items()} == {
        "poster": (2, 1, 1), "card": (1, 1, 1), "moments": (1, 0, 0), "direct": (0, 1, 1),
    }  # fmt: skip
    pass_time(days=31)
    assert distribution.origin_figures(hui, 30) == []
    assert [row.orders for row in distribution.origin_figures(None, 90)][:1] == [1]
