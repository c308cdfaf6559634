"""到店自提 at the desk: places, what waits, the counter that checks codes."""

from __future__ import annotations

import asyncio

import pytest

from domain import logistics
from models import Pickup, PickupPlace, PickupRefusal, PlaceStaff
from tests.face.desk import Desk, hire, who_did
from tests.factories.orders import paid_order
from tests.factories.pickups import code_of, make_place, paid_pickup, pickup_id_of, ready_pickup
from tests.harness.markup import count_of, fields_of, is_nowhere, texts_of

pytestmark = pytest.mark.usefixtures("wired")
NEW = {
    "name": "江阳店", "province": "四川省", "city": "泸州市", "district": "江阳区",
    "address": "滨江路 18 号", "phone": "0830-3101234", "ready_minutes": "60",
    "hours0": "9:00-21:00", "hours1": "9:00-21:00", "hours2": "休息", "serves": "宜宾市",
}  # fmt: skip


@pytest.mark.row("B12")
async def test_a_place_is_added_changed_and_staffed(desk: Desk) -> None:
    status, page = await desk.post("/admin/places", **(NEW | {"hours0": "早上"}))
    assert (status, texts_of(page, ".field:has(#f-hours0) .error")) == (
        422, ["营业时间写成 9:00-21:00，休息日留空"],
    )  # fmt: skip
    status, place = await desk.post("/admin/places", **NEW)
    assert (status, place) == (303, f"/admin/places/{PickupPlace.get().id}")
    _, shown = await desk.get("/admin/places")
    assert "周一至周二 09:00-21:00，周三至周日 休息" in texts_of(shown, "td[data-label=营业时间]")
    _, form = await desk.get(place)
    sent = fields_of(form, place)
    assert (await desk.post(place, **(sent | {"name": "江阳老店"})))[0] == 303
    assert PickupPlace.get().name == "江阳老店"
    clerk = hire("lily", "clerk")
    assert (await desk.post(f"{place}/staff", staff=str(clerk)))[0] == 303
    assert [row.staff_id for row in PlaceStaff.select()] == [clerk]
    assert (await desk.post(f"{place}/close"))[0] == 303
    assert logistics.nearest_places() == []
    assert who_did("place.state") == "staff:boss"


@pytest.mark.row("B12")
async def test_a_code_is_checked_at_the_counter(desk: Desk) -> None:
    bought = paid_pickup(make_place("江阳店"))
    url = f"/admin/pickups/{pickup_id_of(bought)}"
    assert (await desk.post(f"{url}/ready"))[0] == 303
    status, page = await desk.post("/admin/pickups/verify", code="0000000000")
    assert (status, texts_of(page, ".field .error")) == (
        422, ["没有这个提货码，请核对后重新输入"],
    )  # fmt: skip
    status, place = await desk.post("/admin/pickups/verify", code=code_of(bought).lower())
    assert (status, place) == (303, url)
    _, page = await desk.get(url)
    assert is_nowhere(page, "13800138000")
    assert is_nowhere(page, code_of(bought))
    await desk.post(f"{url}/collect", **fields_of(page, f"{url}/collect"))
    assert await desk.said() == "未完成：请确认提货人已满 18 周岁"
    sent = fields_of(page, f"{url}/collect") | {"age": "id_seen"}
    answers = await asyncio.gather(*[desk.post(f"{url}/collect", **sent) for _ in range(2)])
    assert {status for status, _ in answers} == {303}
    assert await desk.said() == f"已交付订单 {bought.order_no}"
    assert (Pickup.get().state, Pickup.get().collected_by) == ("collected", "staff:boss")
    _, page = await desk.get(url)
    assert texts_of(page, ".notice p")[0].startswith("这个提货码已经用过")
    assert count_of(page, f"form[action='{url}/collect']") == 0


@pytest.mark.row("B12")
async def test_a_refusal_is_recorded_with_its_reason(desk: Desk) -> None:
    bought = ready_pickup(make_place("江阳店"))
    url = f"/admin/pickups/{pickup_id_of(bought)}"
    _, page = await desk.get(url)
    sent = fields_of(page, f"{url}/refuse") | {"reason": "drunk"}
    for _ in range(2):
        assert (await desk.post(f"{url}/refuse", **sent))[0] == 303
    assert PickupRefusal.select().count() == 1
    _, page = await desk.get(url)
    assert any("明显醉酒" in said for said in texts_of(page, "ul.plain li"))
    assert Pickup.get().state == "ready"


@pytest.mark.row("B12")
async def test_a_clerk_sees_the_own_place_only(desk: Desk) -> None:
    here, there = make_place("江阳店"), make_place("西湖店")
    mine, other = ready_pickup(here), ready_pickup(there)
    logistics.set_staff(here, [hire("lily", "clerk")])
    desk.sign_in("lily")
    _, page = await desk.get("/admin/pickups?view=ready")
    assert texts_of(page, "td[data-label=门店]") == ["江阳店"]
    assert (await desk.get(f"/admin/pickups/{pickup_id_of(mine)}"))[0] == 200
    url = f"/admin/pickups/{pickup_id_of(other)}"
    assert (await desk.get(url))[0] == 403
    status, page = await desk.post("/admin/pickups/verify", code=code_of(other))
    assert status == 422
    assert texts_of(page, ".field .error") == ["这个订单在“西湖店”提货，不在您的门店"]
    await desk.post(f"{url}/collect", age="adult", _idem="k" * 32)
    assert Pickup.get_by_id(pickup_id_of(other)).state == "ready"
    assert (await desk.get("/admin/orders"))[0] == 403


@pytest.mark.row("B7")
async def test_the_order_desk_knows_what_is_collected(desk: Desk) -> None:
    bought, sent = paid_pickup(make_place("江阳店")), paid_order()
    _, page = await desk.get("/admin/orders?delivery=pickup")
    assert any(bought.order_no in said for said in texts_of(page, "tbody tr"))
    assert not any(sent.order_no in said for said in texts_of(page, "tbody tr"))
    assert any("到店自提" in said for said in texts_of(page, "td[data-label=状态]"))
    _, page = await desk.get(f"/admin/orders/{bought.order_no}")
    assert count_of(page, f"form[action$='/{bought.order_no}/ship']") == 0
