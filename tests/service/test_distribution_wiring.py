"""Commission through the wired domains: link, sign-in, order, payment, receipt, refund."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution, members
from domain.aftersales.events import LineRefunded
from domain.distribution import wiring
from domain.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived
from kernel import clock
from kernel.events import publish
from models import Commission, Order, Scene, WechatIdentity
from tests.factories.distribution import (
    balances,
    line_of,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    place_sale,
    wallet,
)
from tests.factories.members import APPID


@pytest.fixture(autouse=True)
def _wired() -> None:
    wiring.subscribe_all()


def test_a_touch_of_the_browser_binds_at_sign_in(db: Any) -> None:
    lin = make_distributor()
    view = distribution.distributor(lin)
    assert view is not None
    distribution.record_touch("visitor-1", view.referral_code, "link")
    wang, is_new = members.sign_in(APPID, "oWang", None, "visitor-1")
    assert is_new
    assert distribution.upline_of(wang) == lin


def test_following_by_a_distributors_code_binds(db: Any) -> None:
    lin = make_distributor()
    Scene.create(scene="dXYZ", kind="referral", member=lin, created_at=clock.now())
    wang, _ = members.follow(APPID, "oWang", "dXYZ")
    assert distribution.upline_of(wang) == lin
    assert WechatIdentity.get(WechatIdentity.member == wang).first_scene == "dXYZ"


def test_commission_follows_the_states_of_its_order(db: Any) -> None:
    lin = make_distributor()
    buyer = make_customer(lin)
    order = place_sale(buyer, paid_fen=10000)
    make_rule(1000)
    publish(OrderPlaced(order, buyer))
    assert Order.get_by_id(order).seller_id == lin
    publish(OrderPaid(order))
    assert balances(lin) == wallet(pending=1000)
    publish(OrderReceived(order, clock.now()))
    publish(LineRefunded(7, line_of(order).id, order, 0, 2500, 10000))
    assert balances(lin) == wallet(pending=750)
    pass_time(days=8)
    assert distribution.release_due() == 1
    assert balances(lin) == wallet(available=750)


def test_an_unpaid_order_that_is_cancelled_earns_nothing(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    order = place_sale(make_customer(lin))
    publish(OrderCancelled(order))
    assert [c.state for c in Commission.select()] == ["void"]
    assert balances(lin) == wallet()


async def test_the_run_releases_all_batches(store: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    buyer = make_customer(lin)
    for _ in range(5):
        order = place_sale(buyer, paid_fen=1000)
        publish(OrderPaid(order))
        publish(OrderReceived(order, clock.now()))
    pass_time(days=8)
    assert await wiring.release_all(store) == {"released": 5}
    assert balances(lin) == wallet(available=500)
