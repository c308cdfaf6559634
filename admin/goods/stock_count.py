"""盘点: a sheet of what should be in the house is counted and sent back; each row mends a SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from admin.kit.imports import ImportSpec
from admin.kit.steps import Ask
from domain import warehouse
from domain.imports import Verdict
from domain.warehouse import CountRow, ToCount
from kernel.sheets import Column, Heading

HEADINGS = (
    Heading("sku_id", "规格编号", ("编号", "规格ID", "SKU"), is_code=True),
    Heading("book", "账面数", ("账面", "应盘数", "系统库存")),
    Heading("counted", "实盘数", ("实盘", "盘点数", "实际数", "实点数")),
    Heading("why", "差异说明", ("说明", "备注", "原因")),
)  # fmt: skip


def _columns(_: Ask) -> Sequence[Column]:
    kinds = {"sku_id": "code", "book": "number", "counted": "number"}
    return (
        *(Column(each.title, kinds.get(each.name, "text")) for each in HEADINGS),
        Column("商品"), Column("规格"), Column("商家编码", "code"), Column("其中待发货", "number"),
    )  # fmt: skip


def _start(_: Ask, ids: Sequence[int], after: int) -> Sequence[tuple[int, Sequence[Any]]]:
    """Specifications after an id, each with what should be in the house now."""
    return [(each.sku_id, _row(each)) for each in warehouse.list_to_count(ids, after)]


def _row(it: ToCount) -> Sequence[Any]:
    number = str(it.sku_id)
    return (number, it.in_house, "", "", it.title, it.spec_text, it.code, it.to_ship)


def _check(rows: Sequence[Mapping[str, str]]) -> Sequence[Verdict]:
    return warehouse.check_count_rows([CountRow(**row) for row in rows])


def _save(row: Mapping[str, str], shown: Mapping[str, Any]) -> None:
    """Adjust the SKU's stock by the difference, if the book still says what the sheet says."""
    warehouse.save_count_row(CountRow(**row), shown)


COUNT_SHEET = ImportSpec(
    "stock/count-sheet", "盘点", "库存", "盘点", "个规格", "12 120 118 破损两瓶", "products.stock",
    HEADINGS, _columns, _start, _check, _save,
    also=(("goods", "商品"), ("book", "账面"), ("delta", "差异")),
)  # fmt: skip
