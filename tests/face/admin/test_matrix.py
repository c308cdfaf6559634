"""规格表 at the merchant's desk: combinations in one page, costs only for who may see them."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog
from domain.catalog import MatrixRow, SkuForm, Spec
from gateways.pictures.images import ImageStore
from models import Sku
from tests.face.conftest import OpenFace
from tests.face.desk import Desk, hire, open_desk
from tests.factories.catalog import make_product
from tests.harness.markup import count_of, errors_of, fields_of, is_nowhere, texts_of, values_of

pytestmark = pytest.mark.row("B3")
SIZES = {"spec1_name": "容量", "spec1_values": "500ml、1L", "spec2_name": "包装",
         "spec2_values": "单瓶，礼盒"}  # fmt: skip


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The owner's desk."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("boss", "owner")
    opened.sign_in("boss")
    return opened


@pytest.fixture
def url() -> str:
    """The matrix of a product with one SKU."""
    made = make_product(skus=[SkuForm(10000, 5, "500ml", "OLD")])
    return f"/admin/products/{made.product_id}/matrix"


async def test_values_make_rows_and_rows_make_skus(desk: Desk, url: str) -> None:
    _, page = await desk.get(url)
    typed = fields_of(page, url)
    assert (typed["spec1_values"], typed["price0"]) == ("500ml", "100.00")
    status, page = await desk.post(f"{url}/combine", **(typed | SIZES))
    assert status == 200
    assert Sku.select().count() == 1
    rows = fields_of(page, url)
    assert [rows[f"c{n}"] for n in range(4)] == [
        '["500ml", "单瓶"]', '["500ml", "礼盒"]', '["1L", "单瓶"]', '["1L", "礼盒"]',
    ]  # fmt: skip
    for n in range(4):
        rows |= {
            f"price{n}": str(100 + n),
            f"cost{n}": "60",
            f"stock{n}": "8",
            f"code{n}": f"K{n}",
        }
    del rows["on3"]
    status, _ = await desk.post(url, **rows)
    assert (status, await desk.said()) == (303, "规格表已保存")
    live = Sku.select().where(~Sku.is_removed).order_by(Sku.position)
    assert [(sku.spec_text, sku.price_fen, sku.cost_fen, sku.stock, sku.code) for sku in live] == [
        ("500ml 单瓶", 10000, 6000, 8, "K0"), ("500ml 礼盒", 10100, 6000, 8, "K1"),
        ("1L 单瓶", 10200, 6000, 8, "K2"),
    ]  # fmt: skip
    assert Sku.get(Sku.spec_text == "500ml").is_removed
    _, page = await desk.get(url.removesuffix("/matrix"))
    assert texts_of(page, "#skus a")[0] == "规格表"
    assert count_of(page, "#skus input[name=spec_text][readonly]") == 3


async def test_mistakes_stand_at_their_cells_and_typing_stays(desk: Desk, url: str) -> None:
    _, page = await desk.get(url)
    _, page = await desk.post(f"{url}/combine", **(fields_of(page, url) | SIZES))
    rows = fields_of(page, url) | {"price0": "12,5", "price1": "99", "code1": "X"}
    status, page = await desk.post(url, **rows)
    assert status == 422
    errors = errors_of(page)
    assert {"price0", "price2", "price3"} <= errors.keys()
    again = fields_of(page, url)
    assert (again["price0"], again["price1"], again["code1"]) == ("12,5", "99", "X")
    status, page = await desk.post(url, **(rows | {"spec1_values": "国家级"}))
    assert "“国家级”" in errors_of(page)["spec1_values"]
    assert Sku.select().count() == 1


async def test_changed_values_without_combining_are_refused(desk: Desk, url: str) -> None:
    _, page = await desk.get(url)
    status, page = await desk.post(url, **(fields_of(page, url) | SIZES))
    assert status == 422
    assert "规格值有变化，请先点“更新组合”，核对后再保存" in texts_of(page, ".errors li")


async def test_a_large_change_of_price_is_looked_at_once_more(desk: Desk, url: str) -> None:
    _, page = await desk.get(url)
    typed = fields_of(page, url) | {"price0": "1"}
    status, page = await desk.post(url, **typed)
    assert status == 200
    assert Sku.get().price_fen == 10000
    status, _ = await desk.post(url, **(typed | {"_seen": "100"}))
    assert (status, Sku.get().price_fen) == (303, 100)


async def test_who_may_not_see_costs_neither_sees_nor_changes_them(desk: Desk, url: str) -> None:
    product_id = int(url.split("/")[3])
    spec = Spec("容量", ("500ml",))
    catalog.save_matrix(product_id, (spec,), [MatrixRow(("500ml",), 10000, 6543)])
    _, page = await desk.get(url)
    assert values_of(page, "[name=cost0]", "value") == ["65.43"]
    hire("lisa", "operator")
    desk.sign_in("lisa")
    _, page = await desk.get(url)
    assert count_of(page, "[name=cost0]") == 0
    typed = fields_of(page, url) | {"cost0": "1", "price0": "101"}
    assert (await desk.post(url, **typed))[0] == 303
    sku = Sku.get(~Sku.is_removed)
    assert (sku.price_fen, sku.cost_fen) == (10100, 6543)
    _, page = await desk.get(f"/admin/products/{product_id}")
    assert is_nowhere(page, "65.43", "6543")


async def test_who_may_not_edit_changes_nothing(desk: Desk, url: str) -> None:
    hire("wen", "service")
    desk.sign_in("wen")
    status, page = await desk.get(url)
    assert (status, texts_of(page, "main button")) == (200, [])
    for path in (url, f"{url}/combine"):
        assert (await desk.post(path, **SIZES, version="1"))[0] == 403
