"""收货地址: regions from lists, an address that is pasted or comes from WeChat."""

from __future__ import annotations

import json

import pytest

from domain import members
from models import Address
from tests.face.shoppers import Shopper
from tests.factories.members import make_address
from tests.harness.markup import count_of, is_nowhere, texts_of, values_of, words_of

NEW = "/m/addresses/new"
TYPED = {"name": "林小山", "phone": "13800138000", "detail": "酒城大道 1 号"}
WHERE = {"province": "四川省", "city": "泸州市", "district": "江阳区"}
PASTED = "张三 139-1234-5678 新疆伊犁州伊宁市斯大林街5号"


async def fields(shopper: Shopper) -> list[tuple[str, str]]:
    return (await shopper.get(NEW)).fields(NEW)


def options(text: str, name: str) -> list[str]:
    return [each for each in values_of(text, f"select[name={name}] option", "value") if each]


@pytest.mark.row("B5")
async def test_a_region_is_chosen_list_by_list_without_scripts(lin: Shopper) -> None:
    first = await lin.get(NEW)
    assert len(options(first.text, "province")) == 31
    assert count_of(first.text, "select[name=city]") == 0
    chosen = await lin.post(NEW, first.fields(NEW), **TYPED, province="四川省", step="region")
    assert "泸州市" in options(chosen.text, "city")
    assert dict(chosen.fields(NEW))["detail"] == TYPED["detail"]
    then = await lin.post(NEW, chosen.fields(NEW), city="泸州市", step="region")
    assert "江阳区" in options(then.text, "district")
    assert Address.select().count() == 0
    done = await lin.post(NEW, then.fields(NEW), district="江阳区")
    assert done.status == 303
    assert Address.get().region == "510502"


@pytest.mark.row("B5")
async def test_a_choice_brings_the_next_list_alone(lin: Shopper) -> None:
    shown = await lin.get("/m/addresses/regions?province=广东省&city=东莞市&district=")
    assert "东莞市" in options(shown.text, "city")
    assert count_of(shown.text, "select[name=district]") == 0  # a city without districts
    assert count_of(shown.text, "h1") == 0
    odd = await lin.get("/m/addresses/regions?province=火星&city=<b>")
    assert len(options(odd.text, "province")) == 31


async def test_a_city_without_districts_needs_none(lin: Shopper) -> None:
    where = {"province": "广东省", "city": "东莞市"}
    assert (await lin.post(NEW, await fields(lin), **TYPED, **where)).status == 303
    assert Address.get().region == "441900"


@pytest.mark.parametrize(
    ("where", "field", "says"),
    [
        ({"province": "火星", "city": "", "district": ""}, "province", "没有找到这个地区"),
        ({"province": "", "city": "", "district": ""}, "province", "请选择省、市、区县"),
        (WHERE | {"district": ""}, "district", "请选择省、市、区县"),
        (WHERE | {"city": "广州市"}, "city", "没有找到这个地区"),
        (WHERE | {"district": "天河区"}, "district", "没有找到这个地区"),
        ({"province": "台湾省", "city": "", "district": ""}, "province", "港澳台"),
    ],
)
async def test_what_is_no_region_is_refused_at_its_list(
    lin: Shopper, where: dict[str, str], field: str, says: str
) -> None:
    refused = await lin.post(NEW, await fields(lin), **TYPED, **where)
    assert refused.status == 422
    assert says in words_of(refused.text, f"#e-{field}")
    assert dict(refused.fields(NEW))["name"] == TYPED["name"]
    assert Address.select().count() == 0


@pytest.mark.row("B5")
async def test_a_pasted_address_fills_the_form_and_says_what_it_read(lin: Shopper) -> None:
    filled = await lin.post(NEW, await fields(lin), pasted=PASTED, step="recognise")
    assert filled.status == 200
    sent = dict(filled.fields(NEW))
    assert (sent["name"], sent["phone"], sent["detail"]) == ("张三", "13912345678", "斯大林街5号")
    assert (sent["province"], sent["city"], sent["district"]) == (
        "新疆维吾尔自治区", "伊犁哈萨克自治州", "伊宁市",
    )  # fmt: skip
    read = texts_of(filled.text, ".understood dd")
    assert read[:2] == ["张三", "13912345678"]
    assert Address.select().count() == 0
    assert (await lin.post(NEW, filled.fields(NEW))).status == 303
    assert Address.get().region == "654002"


@pytest.mark.row("B5")
async def test_what_was_typed_is_replaced_only_when_asked(lin: Shopper) -> None:
    typed = {"name": "李四", "phone": "139 1234 5678", **WHERE}
    filled = await lin.post(NEW, await fields(lin), **typed, pasted=PASTED, step="recognise")
    sent = dict(filled.fields(NEW))
    assert (sent["name"], sent["province"], sent["detail"]) == ("李四", "四川省", "斯大林街5号")
    kept = words_of(filled.text, ".understood p")
    assert "收货人" in kept
    assert "省份" in kept
    assert "手机号" not in kept  # the same number, written otherwise
    replaced = await lin.post(NEW, filled.fields(NEW), step="replace")
    sent = dict(replaced.fields(NEW))
    assert (sent["name"], sent["district"]) == ("张三", "伊宁市")


async def test_a_text_without_an_address_changes_nothing(lin: Shopper) -> None:
    filled = await lin.post(NEW, await fields(lin), **TYPED, pasted="在吗", step="recognise")
    assert "没有识别到" in words_of(filled.text, ".understood")
    assert dict(filled.fields(NEW))["name"] == TYPED["name"]


async def test_what_is_missing_in_a_pasted_address_is_named(lin: Shopper) -> None:
    filled = await lin.post(NEW, await fields(lin), pasted="四川省泸州市", step="recognise")
    assert "还需填写：收货人、手机号、区县、详细地址" in words_of(filled.text, ".understood")


@pytest.mark.row("B5")
async def test_an_address_of_an_earlier_release_can_be_used_and_changed(lin: Shopper) -> None:
    address_id = make_address(lin.member_id or 0)
    key_row = Address.get_by_id(address_id)
    old = {"name": "老林", "phone": "13800138000", "province": "四川", "city": "泸州",
           "district": "城区", "detail": "老街 1 号"}  # fmt: skip
    key_row.sealed = members.seal_for(
        lin.member_id or 0, json.dumps(old, ensure_ascii=False), "address.sealed"
    )
    key_row.region = ""
    key_row.save()
    found = members.address_of(lin.member_id or 0, address_id)
    assert found.form.place == "510500"
    shown = await lin.get(f"/m/addresses/{address_id}")
    sent = dict(shown.fields(f"/m/addresses/{address_id}"))
    assert (sent["province"], sent["city"], sent["district"]) == ("四川省", "泸州市", "")
    assert "城区" in words_of(shown.text, "#h-district")


@pytest.mark.row("B5")
async def test_wechat_s_address_is_offered_inside_wechat(lin: Shopper) -> None:
    shown = await lin.get(NEW)
    signed = json.loads(texts_of(shown.text, "#jssdk")[0])
    assert signed["config"]["jsApiList"] == ["openAddress"]
    lin.agent = "Mozilla/5.0 (Linux; Android 14) Chrome/122.0 Mobile"
    outside = await lin.get(NEW)
    assert is_nowhere(outside.text, "openAddress")
    assert count_of(outside.text, "#jssdk") == 0
