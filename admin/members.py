"""会员: list and one member, with whose customer they are and why."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.as_shown import carried
from admin.guard import requires, staff_of
from admin.web import PAGE_SIZE, first_url, id_of, next_url, page, read, words
from domain import approvals, distribution, members, orders
from domain.orders import DeskFilter
from domain.payouts import PAYEE_TYPES
from domain.staff import StaffSessionInfo
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()


@routes.get("/members")
@requires("members.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Members, newest first; names are masked."""
    rows = await read(
        request,
        members.recent_members,
        words(request),
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/members.html",
        rows=found.items,
        words=words(request),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.get(r"/members/{id:\d{1,18}}")
@requires("members.see")
async def sheet(request: web.Request) -> web.StreamResponse:
    """One member."""
    found = await read(request, _sheet, id_of(request), staff_of(request))
    shown = await carried(request, "binding", [id_of(request)])
    return await page(request, "admin/member.html", payees=PAYEE_TYPES, shown=shown, **found)


def _sheet(member_id: int, who: StaffSessionInfo) -> dict[str, Any]:
    sees_orders = who.may("orders.see")
    sees_selling = who.may("distribution.see") or who.may("bindings.propose")
    wanted = DeskFilter(member_id=member_id, limit=10)
    return {
        "member": members.profile(member_id),
        "orders": orders.order_desk(wanted) if sees_orders else [],
        "upline": distribution.why_upline(member_id) if sees_selling else None,
        "distributor": distribution.distributor(member_id) if sees_selling else None,
        "reach": members.identity(member_id),
        "proposals": approvals.proposals_of([f"member:{member_id}"], 3),
    }
