"""库存: what is low, soon out or not moving, with the action beside it, and each SKU's history."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
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
from domain import catalog
from domain.catalog import StockWatch
from kernel.web.forms import asked, one_of, read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
WATCHES: tuple[tuple[StockWatch, str], ...] = (
    ("all", "全部"), ("low", "低于警戒"), ("soon_out", "7 日内将售罄"), ("slow", "30 日未动销"),
)  # fmt: skip


@routes.get("/stock")
@requires("products.see")
async def index(request: web.Request) -> web.StreamResponse:
    """SKUs on the shelf, by what needs an eye."""
    watch = one_of(asked(request, "watch"), dict(WATCHES), "all")
    rows = await read(
        request,
        catalog.stock_desk,
        watch,
        after_id=cursor_of(request, "after") or 0,
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE, key=lambda row: row.sku_id)
    return await page(
        request,
        "admin/stock.html",
        rows=found.items,
        watch=watch,
        watches=WATCHES,
        next=next_url(request, found, "after"),
        first=first_url(request, "after"),
    )


@routes.post(r"/stock/{id:\d{1,18}}")
@requires("products.stock")
async def adjust(request: web.Request) -> web.StreamResponse:
    """Goods came in, were counted or written off; the reason is kept."""
    form, sku_id = await read_form(request), id_of(request)
    back = form.raw("back")
    url = back if back in {f"/admin/stock/{sku_id}", *_list_urls()} else "/admin/stock"
    delta = form.count("delta", least=-10_000_000, most=10_000_000)
    why = form.text("why", most=80)
    await refuse_bad(request, form, url)
    await try_step(request, url, catalog.adjust_stock, sku_id, delta, why)
    await done(request, f"库存已{'增加' if delta > 0 else '减少'} {abs(delta)} 件", url)


@routes.get(r"/stock/{id:\d{1,18}}")
@requires("products.see")
async def moves(request: web.Request) -> web.StreamResponse:
    """A SKU's stock history."""
    sku_id = id_of(request)
    rows = await read(
        request, catalog.stock_moves, sku_id, before_id=cursor_of(request), limit=PAGE_SIZE + 1
    )
    found = cut(rows, PAGE_SIZE)
    lines = await read(request, catalog.sku_lines, [sku_id])
    if sku_id not in lines:
        raise web.HTTPNotFound
    return await page(
        request,
        "admin/stock_moves.html",
        sku=lines[sku_id],
        moves=found.items,
        people=await read(request, people_of, [move.actor for move in found.items]),
        next=next_url(request, found),
        first=first_url(request),
    )


def _list_urls() -> set[str]:
    return {f"/admin/stock?watch={name}" for name, _ in WATCHES}
