"""Specifications are chosen by chips that are links: price and stock follow, no script needed."""

from __future__ import annotations

import pytest

from domain import catalog
from domain.catalog import MatrixRow, Spec
from models import CartLine
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.harness.markup import count_of, fields_of, texts_of, values_of, words_of

pytestmark = pytest.mark.row("B3")
SPECS = (Spec("容量", ("500ml", "1L")), Spec("包装", ("单瓶", "礼盒")))


@pytest.fixture
def made() -> int:
    """A product of which 1L is not sold as 礼盒, and 500ml 礼盒 is sold out."""
    product_id = make_product("陈酿", is_liquor=False).product_id
    rows = [
        MatrixRow(("500ml", "单瓶"), 10000, stock=5), MatrixRow(("500ml", "礼盒"), 15000),
        MatrixRow(("1L", "单瓶"), 18000, stock=50),
    ]  # fmt: skip
    catalog.save_matrix(product_id, SPECS, rows)
    return product_id


def chips(text: str) -> list[str]:
    return texts_of(text, "fieldset.specs .chip")


async def test_chips_lead_to_skus_and_the_price_follows(lin: Shopper, made: int) -> None:
    page = await lin.get(f"/m/p/{made}")
    assert texts_of(page.text, "fieldset.specs legend") == ["容量", "包装"]
    assert chips(page.text) == ["500ml", "1L", "单瓶", "礼盒 缺货"]
    assert texts_of(page.text, ".specs .chip[aria-current]") == ["500ml", "单瓶"]
    assert words_of(page.text, "#sku [role=status]") == "已选 500ml 单瓶，仅剩 5 件"
    larger = await lin.get(values_of(page.text, ".specs a.chip", "href")[1].partition("#")[0])
    assert texts_of(larger.text, ".specs .chip[aria-current]") == ["1L", "单瓶"]
    assert texts_of(larger.text, "#price-now .price") == ["现价 ¥ 180"]
    assert texts_of(larger.text, ".specs .chip.off") == ["礼盒"]
    assert count_of(larger.text, ".specs a.chip") == 3
    sent = fields_of(larger.text, "/m/cart")
    done = await lin.post("/m/cart", [*sent.items(), ("to", "cart")])
    (line,) = catalog.sku_lines([CartLine.get().sku_id]).values()
    assert (done.status, line.spec_text) == (303, "1L 单瓶")


async def test_a_combination_that_is_sold_out_says_so(lin: Shopper, made: int) -> None:
    page = await lin.get(f"/m/p/{made}")
    gift = await lin.get(values_of(page.text, ".specs a.chip.out", "href")[0].partition("#")[0])
    assert words_of(gift.text, "#sku [role=status]") == "已选 500ml 礼盒，暂时缺货"
    assert texts_of(gift.text, ".sheet-foot") == ["这个组合暂时缺货"]
    assert count_of(gift.text, ".sheet-foot button") == 0


async def test_htmx_gets_the_sheet_and_what_stands_above(lin: Shopper, made: int) -> None:
    page = await lin.get(f"/m/p/{made}")
    leads = values_of(page.text, ".specs a.chip", "hx-get")[1]
    part = await lin.get(f"{leads}&qty=3", **{"HX-Request": "true"})
    assert count_of(part.text, "html head link") == 0
    assert texts_of(part.text, "#price-now[hx-swap-oob] .price") == ["现价 ¥ 180"]
    assert "1L 单瓶" in words_of(part.text, "#chosen-now[hx-swap-oob]")
    assert values_of(part.text, "[name=qty]", "value") == ["3"]


@pytest.mark.parametrize("query", ["sku=0", "sku=999999", "sku=x", "sku=1e9", "sku=", "sku=１"])
async def test_an_unknown_sku_shows_the_first(lin: Shopper, made: int, query: str) -> None:
    page = await lin.get(f"/m/p/{made}?{query}")
    assert (page.status, texts_of(page.text, ".specs .chip[aria-current]")) == (
        200, ["500ml", "单瓶"],
    )  # fmt: skip
