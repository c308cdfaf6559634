"""The product sheet comes back as it went out; a product is saved whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from domain import catalog, product_sheets
from domain.catalog import AttributeForm, MatrixRow, ProductForm, SkuForm, Spec
from domain.imports import Verdict
from domain.product_sheets import NAMES
from domain.product_sheets.rules import read_cell, read_stated
from kernel.errors import Conflict, DomainError, Invalid
from models import Product, Sku
from tests.factories.catalog import make_category, make_product

Cells = dict[str, str]


def row(**cells: str) -> Cells:
    """A row with these cells."""
    return {name: cells.get(name, "") for name in NAMES}


def lines(product_id: int) -> list[Cells]:
    """The rows of a product as they go out."""
    (found,) = product_sheets.lines_of_products([product_id])
    return [dict(line.cells) for line in found]


def look(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """State, reason and cell of each row."""
    found = product_sheets.check_product_rows(rows)
    return [(each.state, each.why, each.cell) for each in found]


def changes(verdict: Verdict) -> list[tuple[str, str, str]]:
    return list(verdict.shown["changes"])


def save(rows: Sequence[Mapping[str, str]]) -> int:
    """Save rows of one product as the preview showed them."""
    found = product_sheets.check_product_rows(rows)
    wrong = [(each.why, each.cell) for each in found if each.state == "wrong"]
    assert not wrong
    good = [each for each, verdict in zip(rows, found, strict=True) if verdict.state == "good"]
    mark = next(each.shown["mark"] for each in found if each.state == "good")
    return product_sheets.save_product_rows(good, mark)


def with_attributes() -> int:
    """A category with two attributes."""
    category_id = make_category("陈酿")
    catalog.add_attribute(
        category_id, AttributeForm("香型", "choice", options=("酱香型", "浓香型"))
    )
    catalog.add_attribute(category_id, AttributeForm("净含量", "number", "ml"))
    return category_id


def matrix_product() -> int:
    """A product with two specifications and three combinations."""
    form = ProductForm("双规格老酒", make_category("陈酿"))
    product_id = catalog.create_product(form, [SkuForm(9_900)])
    catalog.save_matrix(
        product_id, [Spec("容量", ("500ml", "1L")), Spec("包装", ("单瓶", "礼盒"))],
        [MatrixRow(("500ml", "单瓶"), 9_900, 5_000, 5, "M-1"), MatrixRow(("1L", "单瓶"), 18_800),
         MatrixRow(("1L", "礼盒"), 22_800, None, 3, "M-3")],
    )  # fmt: skip
    return product_id


def test_what_goes_out_comes_back_without_a_change(db: Any) -> None:
    category_id = with_attributes()
    plain = make_product(title="单规格").product_id
    form = ProductForm("有参数的酒", category_id, "卖点；带分号", strength="53%vol",
                       tags=("新品", "送礼"), position=-3, brand="山泉坊")  # fmt: skip
    stated = catalog.create_product(form, [SkuForm(1, 2, "=1+1", "-A"), SkuForm(99_999_999)])
    known = {each.form.name: each.id for each in catalog.attributes_of(category_id)}
    catalog.set_attributes(stated, {known["香型"]: "酱香型", known["净含量"]: "500ml"})
    for product_id in (plain, stated, matrix_product()):
        rows = lines(product_id)
        assert look(rows) == [("known", "", "")] * len(rows)
    every = [row for some in product_sheets.lines_of_products() for row in some]
    assert {
        each.state for each in product_sheets.check_product_rows([x.cells for x in every])
    } == {"known"}


def test_new_products_are_drafts_with_their_specifications(db: Any) -> None:
    category_id = with_attributes()
    one = save([
        row(title="新酒", category="陈酿", spec="500ml", code="N-1", price="199", cost="80",
            stock="12", attributes="香型：酱香型；净含量：500ml", tags="新品 送礼", is_liquor="1"),
        row(title="新酒", spec="1L", code="N-2", price="￥1,299.50", weight_g="1800"),
    ])  # fmt: skip
    made = catalog.product_detail_for_merchant(one)
    assert (made.state, made.form.category_id, made.form.tags) == (
        "draft", category_id, ("新品", "送礼")
    )  # fmt: skip
    first, second = made.skus
    assert first.form == SkuForm(19_900, 12, "500ml", "N-1", 10, 0)
    assert (second.form.price_fen, second.form.weight_g) == (129_950, 1_800)
    assert Sku.get(Sku.code == "N-1").cost_fen == 8_000
    stated = {each.fact for each in catalog.stated_by(one)}
    assert stated == {("香型", "酱香型"), ("净含量", "500ml")}
    two = save([
        row(title="矩阵酒", category="陈酿", spec_names="容量；包装", spec="500ml；单瓶",
            code="N-3", price="99", stock="4"),
        row(title="矩阵酒", spec="1L;礼盒", code="N-4", price="299"),
    ])  # fmt: skip
    matrix = catalog.matrix_of(two)
    assert matrix.specs == (Spec("容量", ("500ml", "1L")), Spec("包装", ("单瓶", "礼盒")))
    assert [(each.row.code, each.row.stock) for each in matrix.skus] == [("N-3", 4), ("N-4", 0)]
    assert look(lines(two)) == [("known", "", "")] * 2


def test_products_that_stand_are_changed_by_code_and_only_where_a_cell_says_so(db: Any) -> None:
    product_id = matrix_product()
    rows = [row(code="M-1", price="109"), row(code="M-3", low_stock="3", subtitle="礼盒装")]
    found = product_sheets.check_product_rows(rows)
    assert [changes(each) for each in found] == [
        [("price", "99.00", "109.00")],
        [("subtitle", "", "礼盒装"), ("low_stock", "10", "3")],
    ]
    assert product_sheets.group_product_rows(rows) == [str(product_id)] * 2
    before = catalog.matrix_of(product_id)
    save(rows)
    after = catalog.matrix_of(product_id)
    assert [each.row.price_fen for each in after.skus] == [10_900, 18_800, 22_800]
    assert [each.row.stock for each in after.skus] == [each.row.stock for each in before.skus]
    assert [each.row.cost_fen for each in after.skus] == [5_000, None, None]
    assert catalog.product_detail_for_merchant(product_id).form.subtitle == "礼盒装"


def test_a_row_adds_a_specification_to_a_product_that_stands(db: Any) -> None:
    product_id = matrix_product()
    save([row(product_id=str(product_id), spec="500ml；木盒", price="128", stock="7", code="M-9")])
    last = catalog.matrix_of(product_id).skus[-1].row
    assert (last.choices, last.stock) == (("500ml", "木盒"), 7)
    plain = make_product(title="单规格").product_id
    save([row(title="单规格", product_id=str(plain), spec="1.5L", price="300")])
    assert [sku.form.spec_text for sku in catalog.product_detail_for_merchant(plain).skus][-1] == (
        "1.5L"
    )


@pytest.mark.parametrize(
    ("cells", "why", "cell"),
    [
        ({"title": "甲", "category": "没有的", "price": "1"}, "category_unknown", "category"),
        ({"title": "甲", "category": "陈酿"}, "field_missing", "price"),
        ({"title": "甲", "price": "1"}, "field_missing", "category"),
        ({"category": "陈酿", "price": "1"}, "field_missing", "title"),
        ({"title": "甲", "category": "陈酿", "price": "99,9"}, "amount_commas", "price"),
        ({"title": "甲", "category": "陈酿", "price": "-1"}, "amount_negative", "price"),
        ({"title": "甲", "category": "陈酿", "price": "2000000"}, "price_bad", "price"),
        ({"title": "甲", "category": "陈酿", "price": "1", "stock": "1.5"}, "count_not_whole",
         "stock"),
        ({"title": "甲" * 81, "category": "陈酿", "price": "1"}, "text_too_long", "title"),
        ({"title": "甲", "category": "陈酿", "price": "1", "is_liquor": "也许"}, "flag_bad",
         "is_liquor"),
        ({"title": "甲", "category": "陈酿", "price": "1", "attributes": "颜色：红"},
         "attribute_unknown", "attributes"),
        ({"title": "甲", "category": "陈酿", "price": "1", "attributes": "香型：米香型"},
         "choice_unknown", "attributes"),
        ({"title": "甲", "category": "陈酿", "price": "1", "spec_names": "容量；包装",
          "spec": "1L"}, "spec_parts", "spec"),
        ({"title": "甲", "category": "陈酿", "price": "1", "tags": "一二三四五六七八九十一二三"},
         "tags_bad", "tags"),
        ({"title": "双规格老酒", "category": "陈酿", "price": "1"}, "title_exists", "title"),
        ({"sku_id": "999999", "price": "1"}, "sku_number_unknown", "sku_id"),
        ({"product_id": "999999", "title": "甲", "price": "1"}, "product_number_unknown",
         "product_id"),
        ({"code": "M-1", "product_id": "{plain}"}, "sku_of_other", "product_id"),
        ({"code": "M-1", "stock": "9"}, "stock_by_count", "stock"),
        ({"code": "M-1", "spec": "2L；单瓶"}, "spec_fixed", "spec"),
        ({"code": "M-1", "spec_names": "大小"}, "spec_fixed", "spec_names"),
        ({"product_id": "{matrix}", "spec": "1L；礼盒", "price": "1"}, "spec_twice", "spec"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_cell(db: Any, cells: Cells, why: str, cell: str) -> None:
    with_attributes()
    ids = {"matrix": matrix_product(), "plain": make_product(title="单规格").product_id}
    said = {name: text.format(**ids) for name, text in cells.items()}
    assert look([row(**said)]) == [("wrong", why, cell)]


def test_rows_that_contradict_each_other_are_refused(db: Any) -> None:
    product_id = matrix_product()
    assert look([row(code="M-1", title="甲"), row(code="M-3", title="乙")])[1] == (
        "wrong", "product_differs", "title"
    )  # fmt: skip
    assert (
        look([row(code="M-1", price="1"), row(code="M-1", price="2")])
        == [("wrong", "sku_rows_twice", "code")] * 2
    )
    new = {"category": "陈酿", "price": "1", "code": "SAME"}
    assert look([row(title="甲", **new), row(title="乙", **new)])[1][1] == "code_twice"
    Sku.update(is_removed=True).where(Sku.code == "M-3").execute()
    assert look([row(product_id=str(product_id), code="M-3", price="1")])[0][1] == "sku_code_taken"


def test_a_product_that_changed_since_the_preview_is_not_touched(db: Any) -> None:
    rows = [row(code="M-1", price="109")]
    product_id = matrix_product()
    mark = product_sheets.check_product_rows(rows)[0].shown["mark"]
    catalog.set_price(Sku.get(Sku.code == "M-3").id, 1)
    with pytest.raises(Conflict, match="product_sheet_moved"):
        product_sheets.save_product_rows(rows, mark)
    assert catalog.matrix_of(product_id).skus[0].row.price_fen == 9_900


def test_a_new_product_that_another_made_meanwhile_is_not_made_again(db: Any) -> None:
    rows = [row(title="新酒", category="陈酿", price="1")]
    make_category("陈酿")
    save(rows)
    with pytest.raises(DomainError, match="title_exists"):
        product_sheets.save_product_rows(rows, 0)
    assert Product.select().where(Product.title == "新酒").count() == 1


def test_computed_prices_lose_their_noise_and_nothing_else() -> None:
    assert read_cell("price", "19.989999999999998") == 1_999
    assert read_cell("price", "99.900000000000006") == 9_990
    with pytest.raises(Invalid, match="amount_decimals"):
        read_cell("price", "19.9895")
    with pytest.raises(Invalid):
        read_cell("price", "19.98950000001")


def test_attributes_in_one_cell_are_parted_by_their_names() -> None:
    known = ["香型", "产地", "产地说明"]
    assert read_stated("香型：酱香型；产地:四川；产地说明：赤水：河谷", known) == {
        "香型": "酱香型", "产地": "四川", "产地说明": "赤水：河谷",
    }  # fmt: skip
    for text in ("酱香型", "香型：酱香型；窖龄：30", "；"):
        with pytest.raises(Invalid, match="attribute_unknown"):
            read_stated(text, known)
