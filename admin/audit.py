"""操作日志: who did what, before and after; beside it 系统事件, what the machine did by itself."""

from __future__ import annotations

from aiohttp import web

from admin.event_words import EVENT, part_of
from admin.guard import requires
from admin.web import PAGE_SIZE, chosen, first_url, next_url, page, people_of, read, words
from admin.words import SECTION
from domain import audit
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()


@routes.get("/audit")
@requires("audit.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The log of people's acts, newest first."""
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


@routes.get("/audit/system")
@requires("audit.see")
async def system(request: web.Request) -> web.StreamResponse:
    """The machine's events, newest first."""
    kind = chosen(request, "kind", SECTION)
    target = words(request, "target") if kind else ""
    event = chosen(request, "event", EVENT)
    rows = await read(
        request,
        audit.system_history,
        kind,
        target or None,
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
        action=event,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/audit_system.html",
        rows=found.items,
        part_of=part_of,
        events=list(EVENT.items()),
        kind=kind or "",
        target=target,
        event=event or "",
        next=next_url(request, found),
        first=first_url(request),
    )
