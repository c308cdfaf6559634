"""到店自提 in the mall: chosen at the till, the code on its page, another place."""

from __future__ import annotations

from typing import Any

import pytest

from domain import logistics, pickups
from models import Order, Pickup
from tests.face.mall.trade.test_checkout import checkout, fill, orders_of
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address, make_member
from tests.factories.pickups import code_of, make_place, paid_pickup, pickup_id_of, ready_pickup
from tests.harness.markup import count_of, texts_of, values_of

pytestmark = pytest.mark.usefixtures("wired")


async def _to_pickup(shopper: Shopper) -> Any:
    """The checkout after the tab 到店自提 was opened."""
    return await shopper.get("/m/checkout?delivery=pickup")


def bought_by(shopper: Shopper, place_id: int, *, is_ready: bool = False) -> Any:
    """The shopper's own paid order at a place."""
    make = ready_pickup if is_ready else paid_pickup
    return make(place_id, member_id=shopper.member_id)


@pytest.mark.row("B12")
async def test_the_nearest_place_is_chosen_and_freight_is_free(lin: Shopper) -> None:
    make_place("西湖店", province="浙江省", city="杭州市", district="西湖区")
    near = make_place("锦江店", city="成都市", district="锦江区", map_url="https://map.example")
    fill(lin, make_product(price_fen=5_900).sku_id)
    make_address(lin.member_id or 0)
    seen = await _to_pickup(lin)
    assert seen.status == 200
    named = [text.partition(" ")[0] for text in texts_of(seen.text, "#f-place .choice")]
    assert named == ["锦江店", "西湖店"]
    assert values_of(seen.text, "#f-place input[checked]", "value") == [str(near)]
    assert values_of(seen.text, "#f-place a", "href") == ["https://map.example"]
    assert texts_of(seen.text, ".promise li") == ["7 天无理由退货", "破损包赔"], "nothing is sent"
    assert texts_of(seen.text, ".breakdown div")[-2] == "运费 到店自提 ¥0.00"
    assert count_of(seen.text, "#region-lists") == 0
    done = await lin.post("/m/checkout", seen.fields("/m/checkout"), adult="1")
    (order,) = orders_of(lin)
    assert (done.status, done.location) == (303, f"/m/pay/{order.order_no}?now=1")
    assert (order.delivery, order.freight_fen, order.payable_fen) == ("pickup", 0, 5_900)
    assert Pickup.get().place_id == near


@pytest.mark.row("B12")
async def test_without_an_address_a_name_and_a_phone_are_enough(lin: Shopper) -> None:
    place_id = make_place("江阳店")
    fill(lin, make_product(price_fen=5_900).sku_id)
    seen = await _to_pickup(lin)
    wrong = await lin.post(
        "/m/checkout", seen.fields("/m/checkout"), adult="1", name="林小山", phone="12"
    )
    assert wrong.status == 422
    assert texts_of(wrong.text, "#f-phone .error, .field:has(#f-phone) .error")
    again = wrong.fields("/m/checkout")
    assert dict(again)["delivery"] == "pickup"
    done = await lin.post("/m/checkout", again, adult="1", phone="13800138000")
    assert done.status == 303
    (order,) = orders_of(lin)
    assert order.masked_address == "林** 138****8000 江阳店"
    assert Pickup.get().place_id == place_id


async def test_a_place_that_closed_meanwhile_is_named(lin: Shopper) -> None:
    closing, other = make_place("江阳店"), make_place("龙马潭店", district="龙马潭区")
    fill(lin, make_product(price_fen=5_900).sku_id)
    seen = await _to_pickup(lin)
    fields = seen.fields("/m/checkout")
    logistics.close_place(closing)
    refused = await lin.post(
        "/m/checkout", fields, adult="1", name="林小山", phone="13800138000", place=str(closing)
    )
    assert refused.status == 409
    assert texts_of(refused.text, "#f-place .error") == ["“江阳店”暂不接单，请选择其他门店"]
    assert values_of(refused.text, "#f-place input[checked]", "value") == [str(other)]


async def test_without_places_only_parcels_are_offered(lin: Shopper) -> None:
    fill(lin, make_product(price_fen=5_900).sku_id)
    seen = await lin.get("/m/checkout?delivery=pickup")
    assert "到店自提" not in texts_of(seen.text, ".tabs a")
    assert count_of(seen.text, "#f-place .choice") == 0
    assert dict(await checkout(lin)).get("delivery", "") == ""
    make_place("江阳店")
    seen = await lin.get("/m/checkout")
    assert "到店自提" in texts_of(seen.text, ".tabs a")


@pytest.mark.row("B12")
async def test_the_buyer_reads_the_code_and_nobody_else(lin: Shopper) -> None:
    bought = bought_by(lin, make_place("江阳店"), is_ready=True)
    url = f"/m/orders/{bought.order_no}"
    order = await lin.get(url)
    assert texts_of(order.text, ".state h1") == ["可以提货了"]
    assert f"{url}/pickup" in values_of(order.text, ".actionbar a", "href")
    seen = await lin.get(f"{url}/pickup")
    code = code_of(bought)
    assert texts_of(seen.text, ".pickup-code") == [f"{code[:5]} {code[5:]}"]
    assert seen.headers["Cache-Control"] == "no-store"
    picture = await lin.get(f"{url}/pickup/code.svg")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml")
    assert count_of(seen.text, "#f-place .choice") == 0  # ready: the place is settled
    other = ready_pickup(make_place("西店"), member_id=make_member())
    for path in ("pickup", "pickup/code.svg"):
        assert (await lin.get(f"/m/orders/{other.order_no}/{path}")).status == 404
    pickups.hand_over(pickup_id_of(bought), "adult")
    done = await lin.get(f"{url}/pickup")
    assert count_of(done.text, ".pickup-code") == 0
    assert (await lin.get(f"{url}/pickup/code.svg")).status == 404


@pytest.mark.row("B12")
async def test_another_place_is_chosen_before_it_is_ready(lin: Shopper) -> None:
    bought = bought_by(lin, make_place("江阳店"))
    there = make_place("龙马潭店", district="龙马潭区")
    url = f"/m/orders/{bought.order_no}/pickup"
    seen = await lin.get(url)
    fields = seen.fields(f"{url}/place")
    moved = await lin.post(f"{url}/place", fields, place=str(there))
    assert (moved.status, moved.location) == (303, url)
    assert Pickup.get().place_id == there
    pickups.mark_ready(pickup_id_of(bought))
    stale = await lin.post(f"{url}/place", fields)
    assert stale.status == 422
    assert Pickup.get().place_id == there
    assert Order.get().masked_address.endswith("龙马潭店")
