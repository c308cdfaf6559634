"""批量导入商品: the sheet of products, its preview, its mistakes, and the list that exports it."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from admin import import_runs
from admin.goods.product_sheet import HEADINGS, TITLES
from admin.menu import MENU
from domain import catalog
from domain.catalog import SkuForm
from kernel.web.browsers import Browser
from models import AuditEntry, Product, SheetImport, SheetImportRow, Sku
from tests.face.desk import Desk, hire
from tests.face.sheets import fetch, send_sheet
from tests.factories.catalog import make_category, make_product
from tests.factories.sheets import archive, changed, text_file, workbook
from tests.harness.markup import table_of, texts_of, words_of

PAGE = "/admin/products/sheet"
HEAD = [each.title for each in HEADINGS]
pytestmark = pytest.mark.row("B3")


def line(**cells: Any) -> list[Any]:
    """A row under the whole head."""
    return [cells.get(each.name, "") for each in HEADINGS]


async def send(
    desk: Desk, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD, **more: Any
) -> tuple[int, str]:
    return await send_sheet(desk, PAGE, workbook(rows, head=head, **more), "商品.xlsx")


async def preview(desk: Desk, rows: Sequence[Sequence[Any]], **more: Any) -> str:
    """Upload rows; answers the address of their preview."""
    status, place = await send(desk, rows, **more)
    assert status == 303, place
    return place


async def carry_out(desk: Desk, place: str) -> None:
    """Confirm an upload, and let the worker do what is left."""
    await desk.post(f"{place}/run")
    await import_runs.run_import(desk.store, MENU, int(place.rsplit("/", 1)[1]))


def of_rows(name: str) -> list[Any]:
    """A value of the rows of the last sheet."""
    last = SheetImport.select().order_by(SheetImport.id.desc()).get()
    rows = SheetImportRow.select().where(SheetImportRow.sheet == last.id)
    return [getattr(row, name) for row in rows.order_by(SheetImportRow.number)]


async def test_the_sheet_goes_out_and_comes_back_and_nothing_changes(desk: Desk) -> None:
    make_product(title="=SUM(A1)", skus=[SkuForm(9_990, 3, "500ml", "0012"), SkuForm(1, 0, "-1L")])
    make_product(title="在售的酒", tags=("新品",), strength="53%vol")
    status, (head, *rows) = await fetch(desk, f"{PAGE}/file")
    assert status == 200
    assert head == [*HEAD, "状态"]
    assert [row[0] for row in rows] == ["=SUM(A1)", "=SUM(A1)", "在售的酒"]
    assert AuditEntry.get(AuditEntry.action == "list.export").after["list"] == "products/sheet"
    place = await preview(desk, rows, head=head)
    assert of_rows("state") == ["known"] * 3
    _, text = await desk.get(place)
    assert texts_of(text, ".notice") == ["没有可以导入的行，请修改后重新上传。"]
    assert words_of(text).count("没有变化") == 3


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_the_list_of_specifications_exports_the_same_sheet(desk: Desk, kind: str) -> None:
    make_product(title="=1+1", skus=[SkuForm(9_990, 3, "+500ml", "690123456789012")])
    body = await download(desk, "/admin/products/skus/file", format=kind)
    status, _ = await send_sheet(desk, PAGE, body, f"规格清单.{kind}")
    assert status == 303
    assert of_rows("state") == ["known"]


async def download(desk: Desk, path: str, **values: str) -> bytes:
    data = {"_csrf": Browser.csrf_of(desk.cookie), **values}
    answer = await desk.client.post(path, data=data, headers=desk._headers())
    assert answer.status == 200
    return await answer.read()


async def test_two_hundred_products_are_imported_by_the_worker(desk: Desk) -> None:
    make_category("陈酿")
    stands = make_product(title="老酒", skus=[SkuForm(9_900, 5, "500ml", "OLD")])
    rows = [
        line(title=f"新酒{n}", category="陈酿", price=99 + n, code=f"N{n}-{size}", spec=size,
             stock=5)
        for n in range(200) for size in ("500ml", "1L")
    ]  # fmt: skip
    place = await preview(desk, [line(code="OLD", price=109), *rows])
    assert Product.select().count() == 1, "nothing is made before it is confirmed"
    _, text = await desk.get(place)
    assert "售价：99.00 → 109.00" in words_of(text)
    assert "确认导入 401 个规格" in texts_of(text, "button")
    await carry_out(desk, place)
    assert set(of_rows("state")) == {"done"}
    assert (Product.select().count(), Sku.select().count()) == (201, 401)
    made = Product.select().where(Product.title.startswith("新酒"))
    assert {row.state for row in made} == {"draft"}
    assert catalog.product_detail_for_merchant(stands.product_id).skus[0].form.price_fen == 10_900
    made_by = AuditEntry.select().where(AuditEntry.action == "product.create")
    assert made_by.order_by(AuditEntry.id.desc()).get().actor == "staff:boss"
    await carry_out(desk, place)
    assert Product.select().count() == 201
    await preview(desk, [line(code="OLD", price=109), *[[*row[:5], "", *row[6:]] for row in rows]])
    assert set(of_rows("state")) == {"known"}, "the same sheet again changes nothing"


async def test_a_product_with_a_bad_row_is_kept_back_whole_and_others_go_on(desk: Desk) -> None:
    make_category("陈酿")
    place = await preview(desk, [
        line(title="好酒", category="陈酿", price=10, spec="500ml"),
        line(title="坏酒", category="陈酿", price=10, spec="500ml"),
        line(title="坏酒", price="一百块钱吧", spec="1L"),
        line(title="好酒", price=20, spec="1L"),
    ])  # fmt: skip
    assert of_rows("state") == ["good", "wrong", "wrong", "good"]
    assert of_rows("leader") == [2, 0, 0, 2]
    _, text = await desk.get(place)
    assert "同一商品的第 4 行有误，整个商品都不会导入" in words_of(text)
    await carry_out(desk, place)
    assert [row.title for row in Product.select()] == ["好酒"]
    assert Sku.select().count() == 2
    status, (head, *rows) = await fetch(desk, f"{place}/file")
    assert (status, head[-1]) == (200, "原因")
    assert [(row[0], row[1]) for row in rows] == [("坏酒", "500ml"), ("坏酒", "1L")]
    assert all(row[-1] for row in rows)


async def test_a_product_refused_while_it_is_saved_leaves_nothing_behind(desk: Desk) -> None:
    make_category("陈酿")
    place = await preview(desk, [
        line(title="新酒", category="陈酿", price=10, spec="500ml", code="A-1"),
        line(title="新酒", price=20, spec="1L", code="A-2"),
    ])  # fmt: skip
    make_product(title="别的", skus=[SkuForm(1, code="A-2")])
    await carry_out(desk, place)
    assert of_rows("state") == ["refused", "refused"]
    assert Product.select().where(Product.title == "新酒").count() == 0
    _, text = await desk.get(place)
    assert "A-2" in words_of(text)


async def test_words_that_the_law_forbids_and_costs_from_others_are_refused(desk: Desk) -> None:
    make_category("陈酿")
    make_product(title="老酒", skus=[SkuForm(9_900, 5, "500ml", "OLD")])
    new: Mapping[str, Any] = {"category": "陈酿", "price": 10}
    await preview(desk, [line(title="国家级特供酒", **new), line(title="好酒", cost="5", **new)])
    assert of_rows("why") == ["text_refused", ""]
    hire("lisa", "operator")
    desk.sign_in("lisa")
    await preview(desk, [line(code="OLD", cost="5")])
    assert (of_rows("why"), of_rows("cell")) == (["cost_not_yours"], ["cost"])
    _, (head, *_) = await fetch(desk, f"{PAGE}/file")
    assert "成本" not in head


async def test_a_sheet_with_few_columns_changes_prices_by_code(desk: Desk) -> None:
    made = make_product(skus=[SkuForm(9_900, 5, "500ml", "OLD")])
    for encoding, price in (("gb18030", "88"), ("utf-8-sig", "77.5")):
        body = text_file([["", "OLD", price]], encoding, head=["名称", "货号", "价格"])
        status, place = await send_sheet(desk, PAGE, body, "改价.csv")
        assert status == 303
        await carry_out(desk, place)
    assert catalog.product_detail_for_merchant(made.product_id).skus[0].form.price_fen == 7_750


def bomb() -> bytes:
    """A workbook whose sheet unpacks to 300 MB."""
    huge = b"<row/>" * 50_000_000
    return changed(workbook([], head=HEAD), "xl/worksheets/sheet1.xml", lambda _: huge)


async def test_files_that_are_no_sheet_of_products_are_named_and_memory_stays_flat(
    desk: Desk,
) -> None:
    make_category("陈酿")
    long = [["甲", f"C{n}", 1] for n in range(50_000)]
    bodies = {
        "里面没有内容": b"",
        "旧版 .xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "缺少": workbook([["甲", 1]], head=["商品名称", "售价"]),
        "只有表头": workbook([], head=HEAD),
        "压缩包": archive(readme_txt=b"hello"),
        "5000 行": workbook(long, head=["名称", "编码", "售价"]),
    }  # fmt: skip
    bodies["太大"] = bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for words, body in bodies.items():
        status, text = await send_sheet(desk, PAGE, body, "商品.xlsx")
        assert status == 422, words
        assert words in words_of(text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
    assert Product.select().count() == 0


async def test_formulas_and_merged_cells_are_refused_with_their_row(desk: Desk) -> None:
    make_category("陈酿")

    def tamper(_: Any, sheet: Any) -> None:
        sheet.merge_range(1, 0, 2, 0, "合并的酒")
        sheet.write_formula(3, HEAD.index("售价"), "=1+1", value="")

    place = await preview(
        desk,
        [line(category="陈酿", price=1), line(price=2), line(title="公式酒", category="陈酿")],
        more=tamper,
    )
    assert of_rows("why")[1:] == ["cell_merged", "cell_formula"]
    _, text = await desk.get(place)
    assert {"3", "4"} <= {cells[0] for cells in table_of(text)}
    assert SheetImport.get().rows_total == 3


def test_every_field_has_a_heading() -> None:
    assert set(TITLES) == {each.name for each in HEADINGS} | {"product", "sku"}
