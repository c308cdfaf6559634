"""Places where orders are collected: what may be typed, which is near, when it is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import audit, logistics
from domain.logistics import opening
from domain.logistics.rules import checked_hours, nearness
from kernel.errors import Conflict, Invalid, NotFound
from models import PickupPlace
from tests.factories.pickups import HOURS, make_place, place_form

JIANGYANG, LONGMATAN, CHENGDU, HANGZHOU = "510502", "510504", "510104", "330106"


def test_a_place_is_added_changed_and_closed(db: Any) -> None:
    place_id = make_place(
        "江阳店", point="28.8718, 105.4423", serves=("宜宾市",), map_url="https://map.example"
    )
    shown = logistics.place(place_id)
    assert shown.address == "四川省泸州市江阳区 滨江路 18 号"
    assert shown.point == "28.871800,105.442300"
    assert (shown.region, shown.serves, shown.is_open) == (JIANGYANG, ("宜宾市",), True)
    logistics.edit_place(place_id, place_form("江阳老店"), shown.version)
    with pytest.raises(Conflict, match="place_moved"):
        logistics.edit_place(place_id, place_form("江阳新店"), shown.version)
    logistics.close_place(place_id)
    assert logistics.nearest_places(JIANGYANG) == []
    with pytest.raises(Conflict, match="place_closed"):
        logistics.open_place(place_id)
    logistics.reopen_place(place_id)
    assert logistics.open_place(place_id).name == "江阳老店"
    acts = [line.action for line in audit.history("place", place_id)]
    assert acts == ["place.state", "place.state", "place.edit", "place.add"]


@pytest.mark.parametrize(("more", "field", "code"), [
    ({"name": "​ "}, "name", "field_missing"),
    ({"address": ""}, "address", "field_missing"),
    ({"district": "没有区"}, "district", "region_unknown"),
    ({"phone": "打电话"}, "phone", "place_phone_bad"),
    ({"ready_minutes": -1}, "ready_minutes", "place_ready_bad"),
    ({"map_url": "javascript:alert(1)"}, "map_url", "place_map_bad"),
    ({"point": "北纬三十度"}, "point", "place_point_bad"),
    ({"point": "91,10"}, "point", "place_point_bad"),
    ({"serves": ("不存在市",)}, "serves", "freight_region_unknown"),
    ({"hours": ("21:00-9:00",)}, "hours0", "place_hours_bad"),
    ({"hours": ("9:00-21:00", "随便")}, "hours1", "place_hours_bad"),
    ({"hours": ("",) * 7}, "hours0", "place_never_open"),
])  # fmt: skip
def test_what_is_wrong_is_named_by_its_field(
    db: Any, more: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        logistics.add_place(replace(place_form("江阳店"), **more))
    assert (refused.value.field, refused.value.code) == (field, code)
    assert PickupPlace.select().count() == 0


def test_names_are_unique_and_an_unknown_place_is_none(db: Any) -> None:
    place_id = make_place("江阳店")
    with pytest.raises(Conflict, match="place_name_taken"):
        make_place("江阳店")
    with pytest.raises(NotFound):
        logistics.place(10**9)
    with pytest.raises(Invalid, match="choice_unknown"):
        logistics.set_staff(place_id, [10**9])


def test_the_nearest_place_comes_first(db: Any) -> None:
    far = make_place("西湖店", province="浙江省", city="杭州市", district="西湖区")
    served = make_place("锦江店", city="成都市", district="锦江区", serves=("泸州市",))
    same_city = make_place("龙马潭店", district="龙马潭区")
    here = make_place("江阳店")
    found = [each.id for each in logistics.nearest_places(JIANGYANG)]
    assert found == [here, served, same_city, far]
    assert [each.id for each in logistics.nearest_places()] == [far, served, same_city, here]


@pytest.mark.parametrize(("place", "serves", "buyer", "near"), [
    (JIANGYANG, [], JIANGYANG, 3), (JIANGYANG, [], LONGMATAN, 2), (JIANGYANG, [], CHENGDU, 1),
    (JIANGYANG, [], HANGZHOU, 0), (JIANGYANG, ["330000"], HANGZHOU, 2), (JIANGYANG, [], "", 0),
])  # fmt: skip
def test_nearness(place: str, serves: list[str], buyer: str, near: int) -> None:
    assert nearness(place, serves, buyer) == near


def test_hours_as_people_write_them() -> None:
    typed = ("9:00-21:00", "09：30—22：00", "9:00 至 24:00", " ", "", "​", "10:00~18:30")
    assert checked_hours(typed) == [
        "09:00-21:00", "09:30-22:00", "09:00-24:00", "", "", "", "10:00-18:30",
    ]  # fmt: skip


@pytest.mark.parametrize(("at", "is_open", "until"), [
    ((2026, 11, 30, 0, 59), False, (2026, 11, 30, 1, 0)),   # Monday 08:59 in Shanghai
    ((2026, 11, 30, 1, 0), True, (2026, 11, 30, 13, 0)),    # 09:00: opens
    ((2026, 11, 30, 13, 0), False, (2026, 12, 1, 1, 0)),    # 21:00: closed
    ((2026, 12, 5, 13, 0), False, (2026, 12, 7, 1, 0)),     # Saturday night: Monday
])  # fmt: skip
def test_whether_a_place_is_open(
    at: tuple[int, ...], is_open: bool, until: tuple[int, ...]
) -> None:
    found = opening(HOURS, datetime(*at, tzinfo=UTC))  # type: ignore[misc]
    assert (found.is_open, found.at) == (is_open, datetime(*until, tzinfo=UTC))  # type: ignore[misc]
