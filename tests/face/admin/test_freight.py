"""运费模板: made, changed by region, given to products; who may, and what a mistake says."""

from __future__ import annotations

import pytest

from domain import freight
from domain.freight import RowForm, TemplateForm
from models import FreightGoods, FreightRow, FreightTemplate
from tests.face.desk import Desk, hire, who_did
from tests.factories.catalog import make_product
from tests.harness.markup import fields_of, texts_of, words_of

NEW = {
    "kind": "base", "name": "瓶装酒", "basis": "count", "first_units": "1", "first_fen": "8",
    "next_units": "1", "next_fen": "2", "free_from": "199", "days_from": "2", "days_to": "4",
}  # fmt: skip


def made(basis: str = "count") -> int:
    form = TemplateForm("瓶装酒", basis)  # type: ignore[arg-type]
    return freight.add_template(form, RowForm("base", first_fen=800))


@pytest.mark.row("B5")
async def test_a_template_is_made_and_changed_by_region(desk: Desk) -> None:
    status, place = await desk.post("/admin/freight", **NEW)
    row = FreightTemplate.get()
    assert (status, place) == (303, f"/admin/freight/{row.id}")
    _, shown = await desk.get(place)
    assert texts_of(shown, "td[data-label=规则]") == [
        "首 1 件 ¥8.00，每加 1 件 ¥2.00，满 ¥199.00 包邮，2–4 天送达"
    ]
    url = f"{place}/rows/new"
    _, form = await desk.get(url)
    sent = fields_of(form, url)
    far = sent | {"places": "新疆、西藏", "first_fen": "20", "free_from": ""}
    assert (await desk.post(url, **far))[0] == 303
    _, form = await desk.get(url)
    never = fields_of(form, url) | {"places": "舟山市", "kind": "none"}
    assert (await desk.post(url, **never))[0] == 303
    _, shown = await desk.get(place)
    assert texts_of(shown, "td[data-label=地区]") == [
        "全国", "西藏自治区、新疆维吾尔自治区", "舟山市",
    ]  # fmt: skip
    assert texts_of(shown, "td[data-label=规则]")[2] == "不配送"
    assert who_did("freight.row") == "staff:boss"
    last = FreightRow.select().order_by(FreightRow.id.desc()).get().id
    assert (await desk.post(f"{place}/rows/{last}/remove"))[0] == 303
    assert FreightRow.select().count() == 2


async def test_an_amount_is_typed_in_yuan_and_a_weight_in_grams(desk: Desk) -> None:
    await desk.post("/admin/freight", **(NEW | {"basis": "amount", "first_units": "100.5"}))
    assert FreightRow.get().first_units == 10_050
    place = f"/admin/freight/{FreightTemplate.get().id}/rows/{FreightRow.get().id}"
    assert fields_of((await desk.get(place))[1], place)["first_units"] == "100.50"
    weight = NEW | {"name": "大坛", "basis": "weight", "first_units": "1000"}
    assert (await desk.post("/admin/freight", **weight))[0] == 303


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("first_fen", "免", "金额"), ("next_units", "0", "每增加多少"),
        ("days_to", "1", "最慢天数"),
        ("name", "", "请填写"), ("first_units", "1.5", "整"), ("basis", "体积", "重新选择"),
    ],
)  # fmt: skip
async def test_a_mistake_stands_at_its_field_and_keeps_what_was_typed(
    desk: Desk, field: str, value: str, says: str
) -> None:
    status, text = await desk.post("/admin/freight", **(NEW | {field: value}))
    assert status == 422
    assert says in words_of(text, ".errors")
    assert fields_of(text, "/admin/freight")["free_from"] == "199"
    assert FreightTemplate.select().count() == 0


async def test_an_unknown_region_is_named(desk: Desk) -> None:
    url = f"/admin/freight/{made()}/rows/new"
    sent = fields_of((await desk.get(url))[1], url) | {"places": "新疆 火星", "first_fen": "1"}
    status, text = await desk.post(url, **sent)
    assert status == 422
    assert "火星" in words_of(text, "#e-places")
    assert fields_of(text, url)["places"] == "新疆 火星"


@pytest.mark.row("B5")
async def test_products_get_a_template_and_the_shop_a_default(desk: Desk) -> None:
    product, template_id = make_product("陈酿"), made()
    await desk.post(f"/admin/freight/goods/{product.product_id}", template=str(template_id))
    assert FreightGoods.get().template_id == template_id
    _, listed = await desk.get("/admin/freight/goods")
    assert "瓶装酒" in texts_of(listed, "tbody td")
    await desk.post(f"/admin/freight/goods/{product.product_id}", template="0")
    assert FreightGoods.select().count() == 0
    await desk.post(f"/admin/freight/{template_id}/default")
    assert FreightTemplate.get().is_default
    assert "默认" in words_of((await desk.get("/admin/freight"))[1], ".card-head")
    await desk.post("/admin/freight/default/none")
    assert not FreightTemplate.get().is_default
    assert (await desk.post(f"/admin/freight/{template_id}/remove", _typed="删除"))[0] == 303
    assert FreightTemplate.select().count() == 0


async def test_without_the_right_nothing_changes(desk: Desk) -> None:
    template_id, product = made(), make_product()
    hire("lisa", "service")
    desk.sign_in("lisa")
    row = FreightRow.get().id
    for path in ("", f"/{template_id}", f"/{template_id}/rows/new", f"/{template_id}/rows/{row}",
                 f"/{template_id}/rows/{row}/remove", f"/{template_id}/default",
                 "/default/none", f"/{template_id}/remove",
                 f"/goods/{product.product_id}"):  # fmt: skip
        assert (await desk.post(f"/admin/freight{path}", **NEW))[0] == 403, path
    assert FreightTemplate.select().count() == 1
    assert FreightRow.get().first_fen == 800
    assert FreightGoods.select().count() == 0
