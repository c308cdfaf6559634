"""全站查找: a number, a name, a code; the one thing found is opened at once."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.guard import requires, staff_of
from admin.web import page, read, words
from domain import catalog, distribution, members, orders
from domain.orders import OrderFilter
from domain.staff import StaffSessionInfo

routes = web.RouteTableDef()
MOST = 10


@routes.get("/search")
@requires("orders.see")
async def search(request: web.Request) -> web.StreamResponse:
    """Orders, products, distributors and members in which the words are found."""
    typed = words(request)
    found = await read(request, _search, typed, staff_of(request)) if typed else {}
    hits = [url for group in found.values() for url, _, _ in group]
    if len(hits) == 1:
        raise web.HTTPSeeOther(hits[0])
    return await page(request, "admin/search.html", words=typed, found=found)


def _search(typed: str, who: StaffSessionInfo) -> dict[str, list[tuple[str, str, str]]]:
    """Per part of the shop: address, name, what stands beside it."""
    result: dict[str, list[tuple[str, str, str]]] = {}
    sheets: Any = orders.list_orders(OrderFilter(words=typed, limit=MOST))
    result["订单"] = [
        (f"/admin/orders/{o.order_no}", o.order_no, o.masked_address) for o in sheets
    ]
    if who.may("products.see"):
        result["商品"] = [
            (f"/admin/products/{p.id}", p.title, p.category.name)
            for p in catalog.list_products(words=typed, limit=MOST)
        ]
    if who.may("distribution.see"):
        result["分销商"] = [
            (f"/admin/distributors/{r.distributor.member_id}", r.distributor.display_name,
             r.distributor.referral_code)
            for r in distribution.list_distributors(None, typed, None, MOST)
        ]  # fmt: skip
    if who.may("members.see"):
        result["会员"] = [
            (f"/admin/members/{m.id}", m.masked_name, m.public_no)
            for m in members.list_members(typed, limit=MOST)
        ]
    return {name: rows for name, rows in result.items() if rows}
