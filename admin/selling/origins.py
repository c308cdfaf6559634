"""来源分析: people, orders and sales by source, in the last 7, 30 or 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from admin.kit import columns as cols
from admin.kit.lists import Empty, ListSpec
from admin.kit.wanted import View, Wanted
from admin.words import origin
from domain import distribution
from domain.distribution import OriginFigures

DAYS = {"30": 30, "7": 7, "90": 90}


class Row(NamedTuple):
    """A source with its position in the list, and the number of orders of all sources."""

    place: int
    figures: OriginFigures
    all_orders: int


def find(wanted: Wanted) -> Sequence[Row]:
    """The sources of the chosen days, most orders first; the first page has all of them."""
    found = distribution.origin_figures(None, DAYS.get(wanted.view, 30))
    total = sum(row.orders for row in found)
    return [Row(n, row, total) for n, row in enumerate(found)] if wanted.cursor is None else []


def _share(row: Row) -> str:
    return f"{row.figures.orders * 100 // row.all_orders}%" if row.all_orders else "–"


LIST = ListSpec[Row](
    query=find,
    key=lambda row: row.place,
    columns=(
        cols.text("来源", lambda row: origin(row.figures.code)),
        cols.number("触达人数", lambda row: row.figures.people),
        cols.number("成交订单", lambda row: row.figures.orders),
        cols.part("占比", "admin/selling/_origin_bar.html", _share),
        cols.money("实付（减退款）", lambda row: row.figures.sales_fen),
        cols.number("作为入口", lambda row: row.figures.came_in),
    ),
    unit="种",
    note="来源是把顾客带来的方式，入口是下单前最近一次进店的方式：扫海报关注、再从对话里点商品的，来源是扫码，入口是公众号对话",
    views=(View("30", "近 30 天"), View("7", "近 7 天"), View("90", "近 90 天")),
    empty=Empty("还没有来源", "顾客打开分享、海报或公众号里的链接后，会出现在这里。"),
    has_file=True,
)
