"""操作日志: who did what, before and after; by part of the shop, thing, person."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.web import PAGE_SIZE, chosen, first_url, next_url, page, people_of, read, words
from admin.words import SECTION
from domain import audit
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()


@routes.get("/audit")
@requires("audit.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The log, newest first."""
    kind = chosen(request, "kind", SECTION)
    target = words(request, "target") if kind else ""
    who = words(request, "who")
    rows = await read(
        request,
        audit.history,
        kind,
        target or None,
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
        actor=who or None,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/audit.html",
        rows=found.items,
        people=await read(request, people_of, [row.actor for row in found.items]),
        kind=kind or "",
        target=target,
        who=who,
        next=next_url(request, found),
        first=first_url(request),
    )
