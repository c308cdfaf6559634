"""规格参数 at the merchant's desk: declared in a category, filled in for a product."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog
from domain.catalog import AttributeForm
from gateways.pictures.images import ImageStore
from models import Attribute, Category, ProductAttribute
from tests.face.conftest import OpenFace
from tests.face.desk import Desk, hire, open_desk
from tests.factories.catalog import make_category, make_product
from tests.harness.markup import errors_of, facts_of, fields_of, texts_of, values_of

pytestmark = pytest.mark.row("B3")


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The operator's desk."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("lisa", "operator")
    opened.sign_in("lisa")
    return opened


async def test_declared_filled_in_and_shown(desk: Desk) -> None:
    category_id, made = make_category(), make_product(is_liquor=True)
    url = f"/admin/categories/{category_id}"
    aroma = {"name": "香型", "kind": "choice", "options": "酱香 浓香，清香", "is_filter": "1",
             "position": "1"}  # fmt: skip
    await desk.post_seen(f"{url}/attributes", **aroma)
    await desk.post_seen(
        f"{url}/attributes", name="净含量", kind="number", unit="ml", position="2"
    )
    assert await desk.said() == "规格参数“净含量”已添加"
    first, second = Attribute.select().order_by(Attribute.id)
    assert first.options == ["酱香", "浓香", "清香"]
    form = f"/admin/products/{made.product_id}/attributes"
    _, page = await desk.get(form)
    assert texts_of(page, f"#f-attr-{first.id} option") == ["不填", "酱香", "浓香", "清香"]
    shown = fields_of(page, form) | {f"attr-{first.id}": "浓香", f"attr-{second.id}": "500 ml"}
    status, _ = await desk.post(form, **shown)
    assert (status, await desk.said()) == (303, "规格参数已保存")
    _, page = await desk.get(f"/admin/products/{made.product_id}")
    assert facts_of(page)["香型"] == "浓香"
    assert catalog.product_page(made.product_id).facts == (("香型", "浓香"), ("净含量", "500ml"))


async def test_a_mistake_stands_at_its_field_and_what_was_typed_stays(desk: Desk) -> None:
    category_id, made = make_category(), make_product()
    size = catalog.add_attribute(category_id, AttributeForm("净含量", "number", "ml"))
    place = catalog.add_attribute(category_id, AttributeForm("产地"))
    form = f"/admin/products/{made.product_id}/attributes"
    _, page = await desk.get(form)
    typed = fields_of(page, form) | {f"attr-{size}": "半斤", f"attr-{place}": "泸州"}
    status, page = await desk.post(form, **typed)
    assert status == 422
    assert errors_of(page)[f"attr-{size}"] == "请填写数字，如 52 或 42-53，最多三位小数"
    kept = fields_of(page, form)
    assert (kept[f"attr-{size}"].removesuffix("ml"), kept[f"attr-{place}"]) == ("半斤", "泸州")
    status, page = await desk.post(
        form, **(typed | {f"attr-{size}": "1", f"attr-{place}": "国家级"})
    )
    assert status == 422
    assert "“国家级”" in errors_of(page)[f"attr-{place}"]
    assert not ProductAttribute.select().exists()


async def test_removing_asks_for_the_word(desk: Desk) -> None:
    category_id = make_category()
    catalog.add_attribute(category_id, AttributeForm("产地"))
    url = f"/admin/categories/{category_id}/attributes/{Attribute.get().id}/remove"
    await desk.post(url)
    assert "未完成" in await desk.said()
    assert Attribute.select().exists()
    await desk.post(url, _typed="移除")
    assert not Attribute.select().exists()


async def test_a_category_goes_below_another(desk: Desk) -> None:
    top, below = make_category("白酒"), make_category("小酒")
    url = f"/admin/categories/{below}"
    _, page = await desk.get(url)
    status, _ = await desk.post(url, **(fields_of(page, url) | {"parent_id": str(top)}))
    assert (status, Category.get_by_id(below).parent_id) == (303, top)
    _, page = await desk.get("/admin/categories")
    assert texts_of(page, "a.below") == ["小酒"]
    url = f"/admin/categories/{top}"
    _, page = await desk.get(url)
    typed = fields_of(page, url) | {"parent_id": str(below)}
    status, page = await desk.post(url, **typed)
    assert (status, errors_of(page)["parent_id"]) == (422, "分类最多两级，请选择一级分类作为上级")


async def test_who_may_not_edit_sees_but_changes_nothing(desk: Desk) -> None:
    category_id, made = make_category(), make_product()
    place = catalog.add_attribute(category_id, AttributeForm("产地"))
    hire("wen", "service")
    desk.sign_in("wen")
    _, page = await desk.get(f"/admin/products/{made.product_id}/attributes")
    assert values_of(page, "button.btn-primary", "class") == []
    for path, values in (
        (
            f"/admin/products/{made.product_id}/attributes",
            {f"attr-{place}": "泸州", "version": "1"},
        ),
        (f"/admin/categories/{category_id}/attributes", {"name": "香型", "kind": "text"}),
        (f"/admin/categories/{category_id}", {"name": "别的", "version": "1"}),
    ):
        assert (await desk.post(path, **values))[0] == 403, path
    assert Attribute.select().count() == 1
    assert not ProductAttribute.select().exists()
