"""规格参数 on the product page, and shelves narrowed by them."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog
from domain.catalog import AttributeForm, CategoryForm
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_category, make_picture, make_product
from tests.harness.markup import is_nowhere, texts_of, values_of

pytestmark = pytest.mark.row("B3")


@pytest.fixture
def spirits() -> int:
    """A category with 香型 and 净含量, and three products that state them."""
    category_id = make_category("陈酿")
    aroma = catalog.add_attribute(
        category_id, AttributeForm("香型", "choice", options=("酱香", "浓香"), is_filter=True)
    )
    content = catalog.add_attribute(
        category_id, AttributeForm("净含量", "number", "ml", is_filter=True, position=1)
    )
    for title, stated in (("甲", "浓香"), ("乙", "浓香"), ("丙", "酱香")):
        made = make_product(title, category="陈酿", brand="山泉坊", tags=("宴请", "自饮"))
        size = "500" if title == "甲" else "1000"
        catalog.set_attributes(made.product_id, {aroma: stated, content: size})
    return category_id


async def test_a_product_page_shows_facts_brand_and_tags(lin: Shopper, spirits: int) -> None:
    (card,) = catalog.search("甲")
    page = await lin.get(f"/m/p/{card.id}")
    facts = dict(zip(texts_of(page.text, ".facts dt"), texts_of(page.text, ".facts dd"),
                     strict=True))  # fmt: skip
    assert facts["品牌"] == "山泉坊"
    assert (facts["香型"], facts["净含量"]) == ("浓香", "500ml")
    assert texts_of(page.text, ".badge-gold") == ["宴请", "自饮"]


async def test_a_shelf_is_narrowed_without_a_script(lin: Shopper, spirits: int) -> None:
    shelf = await lin.get(f"/m/category?c={spirits}")
    assert texts_of(shelf.text, ".good-name") == ["丙", "乙", "甲"]
    assert texts_of(shelf.text, ".good .badge-gold")[:2] == ["宴请", "自饮"]
    (leads,) = values_of(shelf.text, ".narrow .chip", "href")
    page = await lin.get(leads)
    assert texts_of(page.text, "fieldset legend") == ["香型", "净含量"]
    assert texts_of(page.text, "fieldset .chip") == ["酱香 1", "浓香 2", "500ml 1", "1000ml 2"]
    assert values_of(page.text, "#narrow", "action") == ["/m/category"]
    both = await lin.get(f"/m/category?c={spirits}&f=香型:浓香&f=净含量:1000ml")
    assert texts_of(both.text, ".good-name") == ["乙"]
    picks = values_of(both.text, ".narrow .chip[aria-current]", "href")
    without = await lin.get(picks[1])
    assert texts_of(without.text, ".good-name") == ["乙", "甲"]
    again = await lin.get(values_of(both.text, ".narrow .chip", "href")[0])
    assert values_of(again.text, "input[checked]", "value") == ["香型:浓香", "净含量:1000ml"]


async def test_nothing_left_offers_a_way_on(lin: Shopper, spirits: int) -> None:
    page = await lin.get(f"/m/category?c={spirits}&f=香型:酱香&f=净含量:500ml")
    assert texts_of(page.text, ".empty h2") == ["没有同时符合这些条件的商品"]
    assert values_of(page.text, ".empty a", "href") == [f"/m/category?c={spirits}"]


async def test_a_search_is_narrowed_and_keeps_its_words(lin: Shopper, spirits: int) -> None:
    page = await lin.get("/m/search?q=宴请&f=香型:酱香")
    assert texts_of(page.text, ".good-name") == ["丙"]
    (field,) = values_of(page.text, ".seek input", "value")
    assert field == "宴请"
    narrow = await lin.get("/m/filter?q=宴请")
    assert values_of(narrow.text, "#narrow input[type=hidden]", "value") == ["宴请"]


@pytest.mark.parametrize(
    "query",
    ["f=", "f=:", "f=a", "f=香型:", "f=" + "x" * 400, "f=a:b&" * 40, "c=9e9&f=香型:浓香"],
)
async def test_odd_filters_are_no_error(lin: Shopper, spirits: int, query: str) -> None:
    for path in ("/m/category", "/m/search", "/m/filter"):
        assert (await lin.get(f"{path}?{query}")).status == 200


async def test_long_lists_keep_their_filters_page_by_page(lin: Shopper, db: Any) -> None:
    category_id = make_category("小酒")
    place = catalog.add_attribute(category_id, AttributeForm("产地", is_filter=True))
    for number in range(23):
        made = make_product(f"小酒{number}", category="小酒")
        catalog.set_attributes(made.product_id, {place: "泸州" if number else "宜宾"})
    page = await lin.get(f"/m/category?c={category_id}&f=产地:泸州")
    following = values_of(page.text, ".pager a", "href")[-1]
    rest = await lin.get(following)
    assert len(texts_of(rest.text, ".good-name")) == 2
    assert "小酒0" not in texts_of(rest.text, ".good-name")


async def test_categories_have_pictures_and_a_second_row(lin: Shopper, db: Any) -> None:
    make_picture("e")
    top = catalog.add_category(CategoryForm("白酒", picture="e" * 64))
    below = catalog.add_category(CategoryForm("小瓶", parent_id=top))
    make_product("小泉", category="小瓶")
    home = await lin.get("/m/")
    assert texts_of(home.text, ".shelves a") == ["白酒"]
    assert ("e" * 64) in values_of(home.text, ".shelves img", "src")[0]
    shelf = await lin.get(f"/m/category?c={top}")
    assert texts_of(shelf.text, ".good-name") == ["小泉"]
    assert values_of(shelf.text, ".chips-sm a", "href") == [f"/m/category?c={below}"]
    lower = await lin.get(f"/m/category?c={below}")
    assert values_of(lower.text, ".chips-sm [aria-current]", "aria-current") == ["page"]
    catalog.edit_category(top, CategoryForm("白酒", is_hidden=True))
    assert is_nowhere((await lin.get("/m/")).text, "小瓶")
    assert (await lin.get(f"/m/category?c={below}")).status == 404
