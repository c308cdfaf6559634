"""批量导入商品: a sheet with a row for each specification goes out, is changed and comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from admin.kit import columns as cols
from admin.kit.imports import ImportSpec
from admin.kit.lists import Beside, Button, Empty, ListSpec
from admin.kit.steps import Ask
from admin.kit.wanted import Filter, View, Wanted, Who
from admin.words import LINT_WHY, PRODUCT
from domain import product_sheets, public_texts, staff
from domain.imports import Verdict
from domain.product_sheets import SheetLine
from domain.public_texts import PublicText
from kernel import context
from kernel.sheets import Column, Heading
from kernel.text import shortened

COST = "products.cost"
TICKS = {"1": "是", "0": "否"}
SAID = {"是": "1", "有": "1", "y": "1", "yes": "1", "true": "1", "1": "1", "否": "0", "无": "0",
        "n": "0", "no": "0", "false": "0", "0": "0"}  # fmt: skip
FLAGS = ("is_liquor", "is_return_exempt")
PUBLIC = ("title", "subtitle", "brand", "strength", "tags", "attributes", "spec_names", "spec")
STATED_MOST = 4_000
SHOWN_MOST = 60


def _heading(name: str, title: str, *also: str, **more: Any) -> Heading:
    return Heading(name, title, also, is_needed=name in ("title", "code", "price"), **more)


HEADINGS = (
    _heading("title", "商品名称", "名称", "商品", "标题"),
    _heading("spec", "规格", "规格值", "规格名称"),
    _heading("code", "商家编码", "编码", "货号", "SKU编码", "商品编码", is_code=True),
    _heading("price", "售价", "价格", "销售价", "单价"),
    _heading("cost", "成本", "成本价", "进价"),
    _heading("stock", "首批库存", "初始库存", "期初库存"),
    _heading("low_stock", "库存预警", "预警数", "低库存提醒"),
    _heading("weight_g", "重量克", "重量"),
    _heading("category", "分类", "商品分类", "类目"),
    _heading("subtitle", "一句话卖点", "卖点", "副标题"),
    _heading("brand", "品牌"),
    _heading("strength", "酒精度", "度数"),
    _heading("tags", "标签"),
    _heading("attributes", "规格参数", "参数", "属性", most=STATED_MOST),
    _heading("is_liquor", "是否酒类", "酒类"),
    _heading("is_return_exempt", "不支持7天无理由", "7天无理由除外"),
    _heading("position", "排序"),
    _heading("spec_names", "规格项", "规格项名称"),
    _heading("product_id", "商品编号", "商品ID", is_code=True),
    _heading("sku_id", "规格编号", "规格ID", is_code=True),
)  # fmt: skip
TITLES = {each.name: each.title for each in HEADINGS} | {"product": "新建商品", "sku": "新增规格"}
KINDS = {"code": "code", "product_id": "code", "sku_id": "code", "price": "money", "cost": "money"}


def _headings_for(who: Who) -> Sequence[Heading]:
    return [each for each in HEADINGS if each.name != "cost" or who.may(COST)]


def _value(it: SheetLine, name: str) -> Any:
    """A cell as files write it."""
    if name == "price":
        return it.price_fen
    if name == "cost":
        return "" if it.cost_fen is None else it.cost_fen
    return TICKS.get(it.cells[name], "") if name in FLAGS else it.cells[name]


def _columns(ask: Ask) -> Sequence[Column]:
    return (
        *(Column(each.title, KINDS.get(each.name, "text")) for each in _headings_for(ask.who)),
        Column("状态"),
    )


def _start(ask: Ask, ids: Sequence[int], after: int) -> Sequence[tuple[int, Sequence[Any]]]:
    """The rows of products after a product's id."""
    names = [each.name for each in _headings_for(ask.who)]
    return [
        (line.product_id, [*(_value(line, name) for name in names), PRODUCT[line.state][0]])
        for lines in product_sheets.lines_of_products(ids, after)
        for line in lines
    ]


def _plain(row: Mapping[str, str]) -> Mapping[str, str]:
    """The cells with yes and no as the domain knows them."""
    said = {name: SAID.get(text.lower(), text) for name in FLAGS if (text := row.get(name, ""))}
    return {**row, **said}


def _check(rows: Sequence[Mapping[str, str]]) -> Sequence[Verdict]:
    plain = [_plain(row) for row in rows]
    found = product_sheets.check_product_rows(plain)
    may_cost, known = _may_cost(), dict[str, str]()
    return [
        _refusal(row, may_cost, known) or _told(verdict)
        for row, verdict in zip(plain, found, strict=True)
    ]


def _may_cost() -> bool:
    return COST in staff.rights_held(context.actor.get())


def _refusal(row: Mapping[str, str], may_cost: bool, known: dict[str, str]) -> Verdict | None:
    """A cost from somebody who may not know costs, or words that the law forbids."""
    if row.get("cost") and not may_cost:
        return Verdict("wrong", "cost_not_yours", "cost")
    for name in PUBLIC:
        text = row.get(name, "")
        if text and text not in known:
            known[text] = _lint(text)
        if text and known[text]:
            return Verdict("wrong", "text_refused", name, {"found": known[text]})
    return None


def _lint(text: str) -> str:
    refused = public_texts.refused_texts({"text": PublicText(text)})
    found = (each for it in refused for each in it.findings[:5])
    return "；".join(f"“{each.word}”：{LINT_WHY[each.why]}" for each in found)


def _told(verdict: Verdict) -> Verdict:
    """A verdict whose changes are told in words."""
    if verdict.state not in ("good", "known"):
        return verdict
    said = "；".join(_change(*each) for each in verdict.shown["changes"]) or "没有变化"
    said += "（售价变化较大，请核对）" if verdict.shown.get("large") else ""
    return replace(verdict, shown={**verdict.shown, "changes": said})


def _change(name: str, before: str, after: str) -> str:
    title = TITLES[name]
    if name in ("product", "sku"):
        return f"{title} {after}".strip()
    if name in FLAGS:
        before, after = TICKS.get(before, ""), TICKS.get(after, "")
    old, new = (shortened(text, SHOWN_MOST) or "空" for text in (before, after))
    return f"{title}：{old} → {new}"


def _save(row: Mapping[str, str], shown: Mapping[str, Any]) -> None:
    """Save the product that a row leads, from all of its rows."""
    rows = shown.get("rows", [row])
    product_sheets.save_product_rows([_plain(each) for each in rows], shown["mark"])


def _group(rows: Sequence[Mapping[str, str]]) -> Sequence[str]:
    return product_sheets.group_product_rows(rows)


PRODUCT_SHEET = ImportSpec(
    "products/sheet", "批量导入商品", "商品", "导入", "个规格",
    "示例老酒\t500ml\tDEMO-001\t199.00", "products.edit", HEADINGS, _columns, _start,
    _check, _save, also=(("changes", "变化"),), group=_group,
)  # fmt: skip


def find(wanted: Wanted) -> Sequence[SheetLine]:
    """SKUs, newest first."""
    state = None if wanted.view == "all" else wanted.view
    return product_sheets.list_lines(
        state=state, words=wanted.text("q"), before_id=wanted.cursor, limit=wanted.limit
    )


def _file_column(each: Heading) -> cols.Column[SheetLine]:
    right = COST if each.name == "cost" else ""
    if each.name in ("price", "cost"):
        return cols.money(
            each.title, lambda row: row.price_fen if each.name == "price" else row.cost_fen,
            right=right, on_screen=each.name == "price",
        )  # fmt: skip
    make = cols.code if each.is_code else cols.text
    is_shown = each.name in ("title", "spec", "code")
    return make(each.title, lambda row: _value(row, each.name), on_screen=is_shown)


LIST = ListSpec[SheetLine](
    query=find,
    key=lambda row: row.sku_id,
    columns=(
        *map(_file_column, HEADINGS),
        cols.number("可售", lambda row: row.stock, in_file=False),
        cols.state("状态", PRODUCT, lambda row: row.state),
    ),
    unit="个规格",
    note="导出的表可以改好后在“批量导入”里传回来",
    href=lambda row: f"/admin/products/{row.product_id}#skus",
    views=(View("all", "全部"), *(View(each, PRODUCT[each][0]) for each in
                                ("on_shelf", "draft", "submitted", "off_shelf"))),
    filters=(Filter("q", "名称 / 规格 / 商家编码", is_wide=True),),
    buttons=(Button("批量导入", "/admin/products/sheet", "products.edit", tone="primary"),),
    empty=Empty("没有规格", "新建或导入商品后，规格出现在这里。"),
    has_file=True,
    beside=Beside("products/skus", "规格清单"),
)  # fmt: skip
