"""Freight templates: kept by verbs, counted by prices and orders."""

from __future__ import annotations

from typing import Any

import pytest

from domain import freight, orders, pricing
from domain.freight import RowForm, TemplateForm
from kernel.errors import Conflict, Invalid, NotFound
from models import AuditEntry, FreightGoods, FreightRow, FreightTemplate, Order
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import order_form, placed_order
from tests.queries import counted

BASE = RowForm("base", first_fen=800, next_units=1, next_fen=200, free_from_fen=19900,
               days_from=2, days_to=4)  # fmt: skip


def made(name: str = "瓶装", **base: Any) -> int:
    row = RowForm("base", **base) if base else BASE
    return freight.add_template(TemplateForm(name, "count"), row)


def version_of(template_id: int) -> int:
    return int(FreightTemplate.get_by_id(template_id).version)


def add_row(template_id: int, kind: Any, *places: str, **more: Any) -> int:
    form = RowForm(kind, places, **more)
    return freight.save_row(template_id, form, version_of(template_id))


def fee(sku_id: int, place: str, pieces: int = 1) -> int:
    return orders.preview_order([(sku_id, pieces)], place)[1].freight_fen


def test_a_product_pays_by_its_template_and_others_by_the_default(db: Any) -> None:
    own, other = make_product(price_fen=5900), make_product(price_fen=5900)
    template_id = made()
    freight.set_template([own.product_id], template_id)
    assert fee(own.sku_id, "北京", 3) == 1200
    assert fee(other.sku_id, "北京") == 1000  # the settings
    freight.make_default(made("全店", first_fen=300))
    assert fee(other.sku_id, "北京") == 300
    freight.set_template([own.product_id], None)
    assert fee(own.sku_id, "北京") == 300
    freight.make_default(None)
    assert fee(own.sku_id, "北京") == 1000


def test_an_order_keeps_freight_and_region_and_a_far_place_is_refused(db: Any) -> None:
    product = make_product(price_fen=5900)
    template_id = made()
    freight.set_template([product.product_id], template_id)
    add_row(template_id, "area", "新疆", first_fen=2000)
    add_row(template_id, "none", "西藏")
    bought = placed_order(product=product, province="四川省")
    assert bought.row.freight_fen == 800
    assert bought.row.region[:2] == "51"
    with pytest.raises(Conflict) as refused:
        placed_order(product=product, province="西藏自治区")
    assert refused.value.code == "not_delivered"
    assert refused.value.facts["sku_id"] == product.sku_id
    assert Order.select().count() == 1
    blocked = orders.blocked_items([(product.sku_id, 1)], "西藏")
    assert [(each.sku_id, each.why) for each in blocked] == [(product.sku_id, "not_delivered")]


def test_a_template_that_changed_after_the_page_is_a_changed_price(db: Any) -> None:
    product = make_product(price_fen=5900)
    template_id = made()
    freight.set_template([product.product_id], template_id)
    form = order_form(make_member(), [(product.sku_id, 1)])
    base = freight.template(template_id).rows[0].id
    freight.save_row(template_id, RowForm("base", first_fen=900), 1, base)
    with pytest.raises(Conflict) as refused:
        orders.place_order(form)
    assert (refused.value.code, refused.value.facts["payable_fen"]) == ("price_changed", 6800)


async def test_rows_are_read_again_once_a_template_has_changed(store: Any, db: Any) -> None:
    product = make_product(price_fen=5900)
    template_id = await store.write(made)
    await store.write(freight.set_template, [product.product_id], template_id)
    with counted(db) as seen:
        assert [fee(product.sku_id, "北京") for _ in range(3)] == [800] * 3
    assert sum("freight_row" in sql for sql in seen) == 1
    await store.write(add_row, template_id, "area", "北京", first_fen=500)
    assert fee(product.sku_id, "北京") == 500
    base, area = (view.id for view in freight.template(template_id).rows)
    form = RowForm("base", first_fen=900)
    await store.write(freight.save_row, template_id, form, version_of(template_id), base)
    assert (fee(product.sku_id, "上海"), fee(product.sku_id, "北京")) == (900, 500)
    await store.write(freight.remove_row, template_id, area)
    assert fee(product.sku_id, "北京") == 900


async def test_rows_that_are_rolled_back_are_not_kept(store: Any) -> None:
    product = make_product(price_fen=5900)
    template_id = await store.write(made)
    await store.write(freight.set_template, [product.product_id], template_id)

    def change(first_fen: int, *, is_refused: bool) -> int:
        base = freight.template(template_id).rows[0].id
        freight.save_row(template_id, RowForm("base", first_fen=first_fen), 1, base)
        if fee(product.sku_id, "北京") == first_fen and is_refused:
            raise Conflict("changed_my_mind")
        return first_fen

    with pytest.raises(Conflict, match="changed_my_mind"):
        await store.write(change, 700, is_refused=True)
    assert await store.write(change, 600, is_refused=False) == 600
    assert fee(product.sku_id, "北京") == 600


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        (RowForm("area", ("火星",)), "places", "freight_region_unknown"),
        (RowForm("area", ("朝阳区",)), "places", "freight_region_unknown"),
        (RowForm("area"), "places", "field_missing"),
        (RowForm("area", ("新疆",), next_fen=100), "next_units", "freight_next_units"),
        (RowForm("area", ("新疆",), days_from=3, days_to=2), "days_to", "freight_days_bad"),
        (RowForm("base", first_fen=1), "kind", "choice_unknown"),
    ],
)  # fmt: skip
def test_a_row_is_refused_at_its_field(db: Any, form: RowForm, field: str, code: str) -> None:
    template_id = made()
    with pytest.raises(Invalid) as refused:
        freight.save_row(template_id, form, 1)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert FreightRow.select().count() == 1


def test_a_region_stands_in_one_row_and_a_stale_page_is_refused(db: Any) -> None:
    template_id = made()
    row_id = add_row(template_id, "area", "新疆", "舟山市", first_fen=2000)
    with pytest.raises(Conflict, match="freight_region_twice"):
        add_row(template_id, "none", "新疆维吾尔自治区")
    with pytest.raises(Conflict, match="freight_moved"):
        freight.save_row(template_id, RowForm("none", ("新疆",)), 1, row_id)
    with pytest.raises(NotFound):
        freight.save_row(made("另一个"), RowForm("none", ("新疆",)), 1, row_id)
    shown = freight.template(template_id)
    assert [view.kind for view in shown.rows] == ["base", "area"]
    assert shown.rows[1].places == ("舟山市", "新疆维吾尔自治区")
    freight.remove_row(template_id, row_id)
    with pytest.raises(NotFound):
        freight.remove_row(template_id, shown.rows[0].id)  # everywhere stays


def test_names_are_unique_and_what_is_used_stays(db: Any) -> None:
    template_id = made()
    with pytest.raises(Conflict, match="freight_name_taken"):
        made()
    other = made("大坛")
    with pytest.raises(Conflict, match="freight_name_taken"):
        freight.edit_template(other, TemplateForm("瓶装", "count"), 1)
    freight.edit_template(other, TemplateForm("大坛", "weight"), 1)
    product = make_product()
    freight.set_template([product.product_id], template_id)
    with pytest.raises(Conflict, match="freight_template_used"):
        freight.remove_template(template_id)
    freight.make_default(other)
    with pytest.raises(Conflict, match="freight_template_used"):
        freight.remove_template(other)
    freight.set_template([product.product_id], None)
    freight.remove_template(template_id)
    assert [row.id for row in FreightTemplate.select()] == [other]
    assert FreightGoods.select().count() == 0
    acts = {row.action for row in AuditEntry.select() if row.action.startswith("freight.")}
    assert acts == {"freight.add", "freight.edit", "freight.goods", "freight.default",
                    "freight.remove"}  # fmt: skip


def test_the_rule_of_a_place_is_told(db: Any) -> None:
    product = make_product()
    template_id = made()
    add_row(template_id, "area", "新疆", first_fen=2000, days_from=5, days_to=9)
    add_row(template_id, "none", "拉萨市")
    freight.set_template([product.product_id], template_id)
    told = pricing.freight_rule("650100", product.product_id)
    assert (told.flat_fen, told.basis, told.days_to) == (2000, "count", 9)
    assert not pricing.freight_rule("540100", product.product_id).is_served
    assert pricing.freight_rule("540100").is_served  # by default nothing is left out
    here = pricing.freight_rule("", product.product_id)
    assert (here.elsewhere, here.not_to) == (("新疆维吾尔自治区",), ("拉萨市",))


def test_a_product_that_does_not_exist_gets_no_template(db: Any) -> None:
    """On MariaDB the foreign key refused it, and the page answered 500."""
    made = freight.add_template(TemplateForm("大件", "weight"), RowForm("base", first_units=1000))
    with pytest.raises(NotFound, match="product_missing"):
        freight.set_template([10**9], made)
