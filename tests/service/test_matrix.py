"""The SKU matrix: combinations are made, changed, taken off and put back; nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain import catalog
from domain.catalog import MatrixRow, SkuForm, Spec, choose
from domain.catalog.stock import hold_stock
from kernel.errors import Conflict, Invalid, LimitReached
from models import PriceHistory, Sku
from tests.factories.catalog import make_product

SIZE, PACK = Spec("容量", ("500ml", "1L")), Spec("包装", ("单瓶", "礼盒"))
ALL = [
    MatrixRow((size, pack), 10000 + 1000 * n, 6000, 10, f"C{size}{pack}")
    for n, (size, pack) in enumerate((s, p) for s in SIZE.values for p in PACK.values)
]


@pytest.fixture
def made(db: Any) -> int:
    """A product with two specifications of two values each."""
    product_id = make_product(skus=[SkuForm(9900, 5, "500ml 单瓶", "OLD")]).product_id
    catalog.save_matrix(product_id, (SIZE, PACK), ALL)
    return product_id


def shown(product_id: int) -> list[tuple[str, int, int]]:
    """The SKUs as shoppers see them."""
    return [(s.spec_text, s.price_fen, s.left) for s in catalog.product_page(product_id).skus]


def test_every_combination_is_a_sku(made: int) -> None:
    assert shown(made) == [
        ("500ml 单瓶", 10000, 10), ("500ml 礼盒", 11000, 10),
        ("1L 单瓶", 12000, 10), ("1L 礼盒", 13000, 10),
    ]  # fmt: skip
    page = catalog.product_page(made)
    assert page.specs == (SIZE, PACK)
    assert [sku.choices for sku in page.skus][2] == ("1L", "单瓶")
    assert catalog.search("礼盒")[0].id == made
    assert {row.cost_fen for row in Sku.select().where(~Sku.is_removed)} == {6000}
    assert catalog.skus_out_of_balance() == []


def test_one_text_becomes_one_specification_and_keeps_its_sku(db: Any) -> None:
    product = make_product(skus=[SkuForm(9900, 5, "单瓶", "A"), SkuForm(50000, 3, "整箱", "B")])
    matrix = catalog.matrix_of(product.product_id)
    assert matrix.specs == (Spec("", ("单瓶", "整箱")),)
    rows = [each.row for each in matrix.skus]
    catalog.save_matrix(
        product.product_id, (Spec("包装", ("单瓶", "整箱")),), rows, matrix.version
    )
    page = catalog.product_page(product.product_id)
    assert tuple(sku.id for sku in page.skus) == product.sku_ids
    assert shown(product.product_id) == [("单瓶", 9900, 5), ("整箱", 50000, 3)]


def test_what_is_left_out_is_taken_off_and_comes_back_with_its_stock(made: int) -> None:
    ids = [sku.id for sku in catalog.product_page(made).skus]
    hold_stock([(ids[1], 4)], "ORD1")
    catalog.save_matrix(made, (SIZE, PACK), [ALL[0], ALL[2]])
    assert [text for text, *_ in shown(made)] == ["500ml 单瓶", "1L 单瓶"]
    assert catalog.sku_lines([ids[1]])[ids[1]].is_for_sale is False
    assert Sku.get_by_id(ids[1]).held == 4
    catalog.save_matrix(made, (SIZE, PACK), [replace(row, stock=99) for row in ALL])
    assert [sku.id for sku in catalog.product_page(made).skus] == ids
    assert shown(made)[1] == ("500ml 礼盒", 11000, 6)
    assert catalog.skus_out_of_balance() == []


def test_a_new_value_adds_its_combinations_only(made: int) -> None:
    ids = [sku.id for sku in catalog.product_page(made).skus]
    more = MatrixRow(("2L", "单瓶"), 30000, stock=7)
    catalog.save_matrix(made, (Spec("容量", ("500ml", "1L", "2L")), PACK), [*ALL, more])
    assert [sku.id for sku in catalog.product_page(made).skus][:4] == ids
    assert shown(made)[4] == ("2L 单瓶", 30000, 7)
    count = PriceHistory.select().count()
    catalog.save_matrix(made, (Spec("容量", ("500ml", "1L", "2L")), PACK), [*ALL, more])
    assert PriceHistory.select().count() == count


def test_codes_may_be_exchanged_and_are_unique(made: int) -> None:
    swapped = [replace(ALL[0], code=ALL[1].code), replace(ALL[1], code=ALL[0].code), *ALL[2:]]
    catalog.save_matrix(made, (SIZE, PACK), swapped)
    assert Sku.get(Sku.code == ALL[1].code).spec_text == ALL[0].text
    other = make_product(skus=[SkuForm(100, 1, "", "TAKEN")])
    with pytest.raises(Conflict, match="sku_code_taken"):
        catalog.save_matrix(made, (SIZE, PACK), [replace(ALL[0], code="TAKEN")])
    with pytest.raises(Conflict, match="sku_code_taken"):
        catalog.save_matrix(made, (SIZE, PACK), [ALL[0], replace(ALL[1], code=ALL[0].code)])
    assert other.product_id != made


def test_a_stale_page_changes_nothing(made: int) -> None:
    version = catalog.matrix_of(made).version
    catalog.set_price(catalog.product_page(made).skus[0].id, 12345)
    with pytest.raises(Conflict, match="product_moved"):
        catalog.save_matrix(made, (SIZE, PACK), ALL, version)
    assert catalog.product_page(made).skus[0].price_fen == 12345


def test_a_sale_makes_no_page_stale(made: int) -> None:
    version = catalog.matrix_of(made).version
    hold_stock([(catalog.product_page(made).skus[0].id, 2)], "ORD1")
    catalog.save_matrix(made, (SIZE, PACK), ALL, version)
    assert shown(made)[0][2] == 8


@pytest.mark.parametrize(
    ("specs", "rows", "code", "field"),
    [
        ((), ALL, "specs_count", "spec1_name"),
        (
            (SIZE, PACK, Spec("度数", ("52",)), Spec("色", ("红",))),
            ALL,
            "specs_count",
            "spec1_name",
        ),
        ((Spec("", SIZE.values), PACK), ALL, "spec_name_bad", "spec1_name"),
        ((SIZE, Spec("容量", ("单瓶",))), ALL, "spec_name_twice", "spec2_name"),
        ((SIZE, Spec("包装", ())), ALL, "spec_values_count", "spec2_values"),
        ((SIZE, Spec("包装", ("盒", "盒"))), ALL, "spec_value_twice", "spec2_values"),
        ((SIZE, Spec("包装", ("x" * 25,))), ALL, "spec_value_bad", "spec2_values"),
        ((SIZE, PACK), [], "matrix_empty", ""),
        ((SIZE, PACK), [MatrixRow(("3L", "单瓶"), 1)], "matrix_stale", ""),
        ((SIZE, PACK), [ALL[0], ALL[0]], "matrix_stale", ""),
        ((SIZE, PACK), [replace(ALL[0], price_fen=-1)], "price_bad", "price_fen"),
        ((SIZE, PACK), [replace(ALL[0], cost_fen=10**12)], "price_bad", "price_fen"),
    ],
)
def test_what_makes_no_matrix_is_refused(
    made: int, specs: Any, rows: Any, code: str, field: str
) -> None:
    before = shown(made)
    with pytest.raises(Invalid) as refused:
        catalog.save_matrix(made, specs, rows)
    assert (refused.value.code, refused.value.field or "") == (code, field)
    assert shown(made) == before


def test_sixty_combinations_at_most(db: Any) -> None:
    product_id = make_product().product_id
    many = Spec("号", tuple(str(n) for n in range(20))), Spec("包装", ("a", "b", "c", "d"))
    rows = [MatrixRow(each, 100) for each in catalog.combinations(many)]
    with pytest.raises(LimitReached):
        catalog.save_matrix(product_id, many, rows[:61])
    catalog.save_matrix(product_id, many, rows[:60])
    assert len(shown(product_id)) == 60


def test_single_changes_keep_to_the_matrix(made: int) -> None:
    first = catalog.product_page(made).skus[0]
    with pytest.raises(Conflict, match="sku_of_matrix"):
        catalog.add_sku(made, SkuForm(100, spec_text="别的"))
    with pytest.raises(Conflict, match="sku_of_matrix"):
        catalog.edit_sku(first.id, spec_text="别的", code=None, low_stock=1, weight_g=0)
    catalog.edit_sku(first.id, spec_text=first.spec_text, code="N1", low_stock=1, weight_g=5)
    assert Sku.get_by_id(first.id).code == "N1"


def test_a_choice_keeps_what_stands_before_it() -> None:
    sold = [("500ml", "单瓶", "52"), ("500ml", "礼盒", "52"), ("1L", "单瓶", "42"),
            ("1L", "礼盒", "53")]  # fmt: skip
    assert choose(sold[0], 0, "1L", sold) == ("1L", "单瓶", "42")
    assert choose(sold[1], 0, "1L", sold) == ("1L", "礼盒", "53")
    assert choose(sold[0], 1, "礼盒", sold) == ("500ml", "礼盒", "52")
    assert choose(sold[0], 2, "42", sold) is None
    assert choose(sold[0], 0, "2L", sold) is None


def test_costs_and_margins_of_what_is_on_the_shelf(made: int) -> None:
    make_product(price_fen=5000)
    make_product(state="off_shelf")
    rows = catalog.list_costs()
    assert [(r.price_fen, r.cost_fen, r.margin_fen, r.margin_bp) for r in rows] == [
        (10000, 6000, 4000, 4000), (11000, 6000, 5000, 4545), (12000, 6000, 6000, 5000),
        (13000, 6000, 7000, 5384), (5000, None, None, None),
    ]  # fmt: skip
    assert [r.price_fen for r in catalog.list_costs("missing")] == [5000]
    assert catalog.list_costs("loss") == []
    catalog.set_price(rows[0].sku_id, 6000)
    assert [r.margin_fen for r in catalog.list_costs("loss")] == [0]
    assert [r.sku_id for r in catalog.list_costs(after_id=rows[1].sku_id, limit=1)] == [
        rows[2].sku_id
    ]
