"""分享赚 for distributors only, and a way to ask about the product."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog, distribution
from domain.catalog import AttributeForm
from kernel.pictures import StoredPicture
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_category, make_product
from tests.factories.distribution import make_rule
from tests.harness.markup import is_nowhere, texts_of, values_of, words_of

pytestmark = pytest.mark.row("A5")


async def test_a_distributor_sees_what_it_pays_and_gets_the_poster(
    lin: Shopper, wang: Shopper, db: Any
) -> None:
    made = make_product(price_fen=20000)
    make_rule(1000)
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", "v1")
    own = await lin.get(f"/m/p/{made.product_id}")  # redirects to the address with the own code
    page = await lin.get(own.location)
    cell = f'a.weui-cell[href="/m/d/poster?p={made.product_id}"]'
    assert words_of(page.text, cell) == "分享赚 海报、链接与文案；按实付金额计算 每件 ¥20.00"
    assert is_nowhere((await wang.get(f"/m/p/{made.product_id}")).text, "分享赚")


async def test_a_suspended_distributor_sees_none(lin: Shopper, db: Any) -> None:
    made = make_product()
    make_rule(1000)
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", "v1")
    distribution.suspend_distributor(lin.member_id or 0, "staff:boss", "核实中")
    assert is_nowhere((await lin.get(f"/m/p/{made.product_id}")).text, "分享赚")


async def test_a_question_about_the_product_begins_with_its_name(lin: Shopper, db: Any) -> None:
    made = make_product("桂花露酒")
    page = await lin.get(f"/m/p/{made.product_id}")
    leads = values_of(page.text, ".actionbar-side a", "href")[0]
    form = await lin.get(leads)
    assert words_of(form.text, "textarea[name=text]") == "想问“桂花露酒”："


@pytest.mark.row("B3")
async def test_a_label_has_the_facts_and_no_price(lin: Shopper, db: Any) -> None:
    place = catalog.add_attribute(make_category(), AttributeForm("产地"))
    made = make_product("桂花露酒", price_fen=12800, usage="冰镇饮用。", brand="山泉坊")
    catalog.set_attributes(made.product_id, {place: "泸州"})
    page = await lin.get(f"/m/label/{made.product_id}")
    assert page.status == 200
    assert {"品牌", "产地", "销售者"} <= set(texts_of(page.text, ".facts dt"))
    assert "冰镇饮用。" in words_of(page.text)
    assert texts_of(page.text, "main .price, .actionbar, main form") == []
    code = await lin.get(f"/m/label/{made.product_id}/code.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"
    catalog.set_state(made.product_id, "take_off_shelf")
    assert (await lin.get(f"/m/label/{made.product_id}")).status == 404


@pytest.mark.row("B3")
async def test_a_rich_detail_takes_the_place_of_the_plain_text(lin: Shopper, db: Any) -> None:
    made = make_product("桂花露酒", description="一段文字")
    page = await lin.get(f"/m/p/{made.product_id}")
    assert "一段文字" in words_of(page.text, ".prose")
    one = StoredPicture("a" * 64, 1125, 1500, "#aabbcc", (375, 750, 1125))
    catalog.keep_story_picture(one)
    catalog.save_story(
        made.product_id, f'<h2>工艺</h2><p>冰镇</p><img src="{one.id}" alt="花&amp;酒">'
    )
    page = await lin.get(f"/m/p/{made.product_id}")
    assert words_of(page.text, ".story") == "商品介绍 工艺 冰镇"
    assert "一段文字" not in words_of(page.text, "main")
    for name, value in (
        ("src", f"/uploads/aa/{one.id}-750.jpg"), ("width", "1125"), ("height", "1500"),
        ("loading", "lazy"), ("alt", "花&酒"),
    ):  # fmt: skip
        assert values_of(page.text, ".story img", name) == [value]


@pytest.mark.row("B3")
async def test_the_gallery_counts_and_opens_each_picture_at_full_size(
    lin: Shopper, db: Any
) -> None:
    made = make_product("桂花露酒")
    kept = [StoredPicture(each * 64, 1125, 1125, "#aabbcc", (375, 750, 1125)) for each in "ab"]
    catalog.set_pictures(made.product_id, [catalog.save_picture(each) for each in kept])
    page = await lin.get(f"/m/p/{made.product_id}")
    links = [f"/uploads/{each.id[:2]}/{each.id}-1125.jpg" for each in kept]
    assert values_of(page.text, ".album a", "href") == links  # works without a script
    assert words_of(page.text, ".album-count") == "1 /2"
    assert values_of(page.text, ".album a", "aria-label") == [
        "看大图，第 1 张，共 2 张", "看大图，第 2 张，共 2 张",
    ]  # fmt: skip
