"""Pasted addresses: the golden shapes, and what must hold for any text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain import regions
from domain.regions import recognise
from domain.regions.recognising import MOST
from domain.regions.table import divisions, region_of

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden"
PARTS = ("name", "phone", "province", "city", "district", "detail")


def shapes(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((GOLDEN / f"{name}.yaml").read_text("utf-8"))
    return found


def said(text: str) -> list[str | None]:
    found = recognise(text)
    place = found.region
    names = [place.province, place.city, place.district] if place else ["", "", ""]
    return [part or None for part in (found.name, found.phone, *names, found.detail)]


@pytest.mark.parametrize("name", ["addresses", "addresses_more", "addresses_kept"])
def test_every_golden_shape_is_read(name: str) -> None:
    cases = shapes(name)
    assert len(cases) == 60
    wrong = [
        (case["text"], said(case["text"])) for case in cases if said(case["text"]) != case["is"]
    ]
    assert wrong == []


def test_the_code_is_that_of_the_smallest_part() -> None:
    codes = {
        "四川省泸州市江阳区酒城大道1号": "510502",
        "广东省东莞市长安镇": "441900",
        "湖北仙桃": "429004",
        "北京市朝阳区建国路": "110105",
        "新疆": "650000",
        "重庆渝北区龙溪街道": "500112",
        "朝阳区建国路88号": None,  # Beijing has one, Changchun another
    }
    found = {text: recognise(text).region for text in codes}
    assert {text: one.code if one else None for text, one in found.items()} == codes


@given(st.text(max_size=600))
def test_no_text_makes_it_fail(text: str) -> None:
    found = recognise(text)
    assert len(found.detail) <= 2 * MOST
    assert found.region is None or region_of(found.region.code) == found.region


@given(st.lists(st.sampled_from([
    "四川省", "泸州", "江阳区", "张三", "13800138000", "酒城大道1号", "收件人：", "，", " ", "\n",
    "电话", "646000", "北京", "路", "(", "）", "省", "市辖区", "收",
]), max_size=14))  # fmt: skip
def test_no_heap_of_parts_makes_it_fail(parts: list[str]) -> None:
    text = "".join(parts)
    assert recognise(text) == recognise(text)
    assert recognise(text).phone in {"", "13800138000"}


def test_names_find_their_region_as_people_write_them() -> None:
    for names, code in {
        ("四川", "泸州", "江阳"): "510502",
        ("北京市", "", "朝阳区"): "110105",
        ("北京市", "朝阳区", "朝阳区"): "110105",
        ("江苏省", "昆山市", "昆山市"): "320583",
        ("广东省", "东莞市", ""): "441900",
        ("新疆", "伊犁州", "伊宁市"): "654002",
    }.items():
        assert regions.resolve(*names).code == code
    for names, field in {
        ("火星", "", ""): "province",
        ("四川省", "", ""): "city",
        ("四川省", "成都市", "江阳区"): "district",
        ("", "成都市", ""): "province",
    }.items():
        with pytest.raises(regions.UnknownPart) as unknown:
            regions.resolve(*names)
        assert unknown.value.field == field
    assert regions.nearest("四川省", "成都市", "江阳区") == "510100"
    assert regions.nearest("西藏自治区", "", "") == "540000"
    assert regions.nearest("火星", "", "") == ""


def test_the_table_is_a_tree_of_unique_codes() -> None:
    table = divisions()
    assert len(table) > 3_200
    assert all(each.parent in table or each.level == 1 for each in table.values())
    assert all(table[x.parent].level == x.level - 1 for x in table.values() if x.parent)
    assert len(regions.provinces()) == 31
    for one in regions.provinces():
        assert regions.cities_of(one.code)


def test_the_command_reads_lines_without_a_server() -> None:
    lines = "张三 13800138000 四川泸州江阳区酒城大道1号\n你好\n"
    command = [sys.executable, "-m", "app", "address", "--lines", "--json"]
    done = subprocess.run(command, cwd=ROOT, input=lines.encode(), capture_output=True, check=True)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first == {
        "name": "张三", "phone": "13800138000", "province": "四川省", "city": "泸州市",
        "district": "江阳区", "adcode": "510502", "detail": "酒城大道1号",
    }  # fmt: skip
    assert second == dict.fromkeys(first)
