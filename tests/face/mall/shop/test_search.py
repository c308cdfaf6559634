"""搜索: the page says how results were found, sorts them, and leads on when there are none."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from domain import settings
from domain.catalog import SkuForm
from domain.search import SearchWords
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.harness.markup import texts_of, values_of, words_of

pytestmark = pytest.mark.row("B3")


@pytest.fixture(autouse=True)
def goods(lin: Shopper, wired: None) -> None:
    for title, price in (("山泉坊·陈酿", 29800), ("山泉坊·坛藏", 68000), ("手工酒杯", 8800)):
        make_product(title, skus=[SkuForm(price_fen=price, stock=5, spec_text="500ml")])


async def test_results_are_sorted_by_taps_that_keep_the_search(lin: Shopper) -> None:
    page = (await lin.get("/m/search?q=" + quote("山泉坊 500以内"))).text
    assert words_of(page, ".found-how") == "标价 ¥500 以内的商品"
    assert texts_of(page, ".sort") == ["综合", "销量", "价格↑", "新品"]
    assert texts_of(page, ".sort[aria-current]") == ["综合"]
    rising = values_of(page, ".sort", "href")[2]
    assert rising.endswith("&sort=price")
    page = (await lin.get(rising)).text
    assert texts_of(page, ".sort[aria-current]") == ["价格↑"]
    falling = values_of(page, ".sort", "href")[2]
    assert falling.endswith("&sort=-price")
    page = (await lin.get(falling)).text
    assert texts_of(page, ".sort[aria-current]") == ["价格↓"]
    assert values_of(page, ".sort", "href")[2] == rising


async def test_a_category_is_sorted_too(lin: Shopper) -> None:
    page = (await lin.get("/m/category?sort=price")).text
    assert values_of(page, "a[href^='/m/p/']", "href")[0].startswith("/m/p/3")
    page = (await lin.get("/m/category?sort=nonsense")).text
    assert texts_of(page, ".sort[aria-current]") == ["综合"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("沉酿", "没有找到“沉酿”，下面是读音相同的"),
        ("陈酿 威士忌", "没有同时符合“陈酿 威士忌”的商品，下面是部分符合的"),
    ],
)
async def test_near_results_say_how_they_were_found(lin: Shopper, words: str, told: str) -> None:
    page = (await lin.get("/m/search?q=" + quote(words))).text
    assert texts_of(page, ".found-how") == [told]
    assert values_of(page, "a[href^='/m/p/']", "href")


async def test_nothing_found_leads_on(lin: Shopper) -> None:
    page = (await lin.get("/m/search?q=" + quote("威士忌"))).text
    assert "没有找到“威士忌”" in words_of(page)
    assert "/m/category" in values_of(page, "a", "href")


async def test_the_merchant_s_synonyms_work_at_once(lin: Shopper) -> None:
    settings.change(SearchWords, {"synonyms": ["威士忌=陈酿"]})
    page = (await lin.get("/m/search?q=" + quote("威士忌"))).text
    assert texts_of(page, ".found-how") == []
    assert values_of(page, "a[href^='/m/p/']", "href")[0].startswith("/m/p/1")
