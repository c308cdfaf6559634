"""成本与毛利: what each SKU on the shelf costs and leaves, for who has the right."""

from __future__ import annotations

from collections.abc import Sequence

from admin.kit import columns as cols
from admin.kit.lists import Empty, ListSpec
from admin.kit.wanted import View, Wanted
from admin.words import rate
from domain import catalog
from domain.catalog import CostRow, CostView
from kernel.web.forms import one_of

VIEWS: tuple[tuple[CostView, str], ...] = (
    ("all", "全部"), ("missing", "没填成本"), ("loss", "售价不高于成本"),
)  # fmt: skip


def find(wanted: Wanted) -> Sequence[CostRow]:
    """SKUs on the shelf with their costs."""
    view = one_of(wanted.view, dict(VIEWS), "all")
    return catalog.list_costs(view, after_id=wanted.cursor or 0, limit=wanted.limit)


def _rate(row: CostRow) -> str:
    if row.margin_bp is None:
        return ""
    return f"-{rate(-row.margin_bp)}" if row.margin_bp < 0 else rate(row.margin_bp)


LIST = ListSpec[CostRow](
    query=find,
    key=lambda row: row.sku_id,
    columns=(
        cols.text("商品", lambda row: row.title, note=lambda row: row.spec_text or "默认规格"),
        cols.text("规格", lambda row: row.spec_text, on_screen=False),
        cols.money("售价", lambda row: row.price_fen),
        cols.money("成本", lambda row: row.cost_fen),
        cols.money("毛利", lambda row: row.margin_fen),
        cols.text("毛利率", _rate),
        cols.act(lambda row: "规格表"),
    ),
    unit="个规格",
    note="按日常售价，不含优惠、佣金、运费与税；成本在规格表里填写",
    href=lambda row: f"/admin/products/{row.product_id}/matrix",
    views=tuple(View(key, label) for key, label in VIEWS),
    empty=Empty("没有这样的规格", "在商品的规格表里填写成本。"),
    has_file=True,
)
