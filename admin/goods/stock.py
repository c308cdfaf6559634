"""库存: SKUs that are low, sell out soon or do not sell; adjustments; each SKU's history."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.lists import Button, Empty, ListSpec
from admin.kit.steps import ID, Ask, Step
from admin.kit.wanted import View, Wanted
from admin.web import (
    PAGE_SIZE,
    done,
    first_url,
    id_of,
    next_url,
    page,
    people_of,
    read,
    refuse_bad,
    try_step,
)
from admin.words import STOCK_CAUSE
from domain import catalog, warehouse
from domain.catalog import StockRow, StockWatch
from domain.warehouse import Arrival
from kernel.web.forms import Form, one_of, read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
WATCHES: tuple[tuple[StockWatch, str], ...] = (
    ("all", "全部"), ("low", "低于警戒"), ("soon_out", "7 日内将售罄"), ("slow", "30 日未动销"),
)  # fmt: skip


def find(wanted: Wanted) -> Sequence[StockRow]:
    """SKUs on the shelf, filtered by the reason for which they need attention."""
    watch = one_of(wanted.view, dict(WATCHES), "all")
    return catalog.list_watched_stock(watch, after_id=wanted.cursor or 0, limit=wanted.limit)


def _lasts(row: StockRow) -> str:
    if row.days_left is None:
        return ""
    return "一年以上" if row.days_left > 365 else f"{row.days_left} 天"


def _low(row: StockRow) -> Sequence[cols.Badge]:
    return [("低", "warn")] if row.stock <= row.low_stock else []


LIST = ListSpec[StockRow](
    query=find,
    key=lambda row: row.sku_id,
    columns=(
        cols.text("商品", lambda row: row.title, note=lambda row: row.spec_text or "默认规格"),
        cols.text("规格", lambda row: row.spec_text, on_screen=False),
        cols.number("可售", lambda row: row.stock, badges=_low),
        cols.number("占用", lambda row: row.held),
        cols.number("警戒", lambda row: row.low_stock),
        cols.number("近 14 日售出", lambda row: row.sold_lately),
        cols.text("预计可售", _lasts),
        cols.part("补货或盘点", "admin/goods/_stock_step.html", lambda row: "", in_file=False),
        cols.act(lambda row: "库存记录"),
    ),
    unit="个规格",
    note="在售规格的可售数；占用的是未付款订单，取消后自动退回",
    href=lambda row: f"/admin/stock/{row.sku_id}",
    views=tuple(View(key, label) for key, label in WATCHES),
    buttons=(Button("盘点", "/admin/stock/count-sheet", "products.stock"),),
    empty=Empty("没有需要处理的库存", "这个条件下没有规格。"),
    has_file=True,
)


@routes.post(r"/stock/{id:\d{1,18}}")
@requires("products.stock")
async def adjust(request: web.Request) -> web.StreamResponse:
    """Adjust stock after an arrival, a count or a write-off; the reason is recorded."""
    form, sku_id = await read_form(request), id_of(request)
    back = form.raw("back")
    url = back if back in {f"/admin/stock/{sku_id}", *_list_urls()} else "/admin/stock"
    delta = form.count("delta", least=-10_000_000, most=10_000_000)
    cause = form.choice("cause", STOCK_CAUSE, "other")
    why = form.text("why", most=80, required=cause == "other")
    await refuse_bad(request, form, url)
    await try_step(request, url, catalog.adjust_stock, sku_id, delta, why, cause)
    await done(request, f"库存已{'增加' if delta > 0 else '减少'} {abs(delta)} 件", url)


@routes.get(r"/stock/{id:\d{1,18}}")
@requires("products.see")
async def moves(request: web.Request) -> web.StreamResponse:
    """The stock history of a SKU."""
    sku_id = id_of(request)
    rows = await read(
        request,
        catalog.list_stock_moves,
        sku_id,
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE)
    lines = await read(request, catalog.sku_lines, [sku_id])
    if sku_id not in lines:
        raise web.HTTPNotFound
    return await page(
        request,
        "admin/goods/stock_moves.html",
        sku=lines[sku_id],
        moves=found.items,
        lots=await read(request, warehouse.list_lots, sku_id),
        causes=list(STOCK_CAUSE.items()),
        people=await read(request, people_of, [move.actor for move in found.items]),
        next=next_url(request, found),
        first=first_url(request),
    )


def _arrival(form: Form) -> Arrival:
    return Arrival(
        quantity=form.count("quantity", least=1, most=10_000_000),
        lot_no=form.text("lot_no", most=40),
        made_on=form.day("made_on"),
        note=form.text("note", most=80, required=False),
    )


def arrive(ask: Ask, it: Arrival) -> str:
    """Add an arrival to stock, with its lot and day of production."""
    warehouse.record_arrival(ask.id, it)
    return f"已入库 {it.quantity} 件，批号 {it.lot_no}"


STEPS = (
    Step(f"/stock/{ID}/arrivals", "products.stock", arrive, "/admin/stock/{id}", _arrival,
         once=True),
)  # fmt: skip


def _list_urls() -> set[str]:
    return {f"/admin/stock?view={name}" for name, _ in WATCHES}
