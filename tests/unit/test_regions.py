"""The provinces of places named in sentences."""

from __future__ import annotations

import pytest

from bot.regions import NOT_SERVED, place_of, place_sent_to, short_province
from bot.understanding.slots import slots_of
from domain.settings import Freight


@pytest.mark.parametrize(
    ("place", "code"),
    [("乌鲁木齐", "650100"), ("拉萨", "540100"), ("内蒙", "150000"), ("上海", "310000"),
     ("舟山", "330900"), ("香港", ""), ("海外", ""), ("火星", ""), ("", "")],
)  # fmt: skip
def test_a_place_has_its_code(place: str, code: str) -> None:
    assert place_of(place) == code


def test_a_city_behind_send_to_is_a_place() -> None:
    assert place_sent_to("寄到舟山多少钱") == "舟山"
    assert place_sent_to("能发恩施吗") == "恩施"
    assert place_sent_to("黄山毛峰多少钱") == ""


def test_every_remote_province_is_known_by_its_short_name() -> None:
    shorts = [short_province(name) for name in Freight().remote_provinces]
    assert shorts == ["西藏", "新疆"]
    assert all(slots_of(f"能送到{short}吗").region == short for short in shorts)


def test_places_without_delivery_are_slots_too() -> None:
    assert {slots_of(words).region for words in ("香港", "澳门", "台湾", "日本")} == NOT_SERVED
