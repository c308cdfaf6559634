"""后台任务: what failed for good, tried again or put aside with a reason; the periodic jobs."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.web import (
    PAGE_SIZE,
    actor,
    done,
    first_url,
    id_of,
    next_url,
    page,
    read,
    refuse_bad,
    try_step,
    typed,
)
from domain import outbox
from kernel.web.forms import read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
URL = "/admin/outbox"


@routes.get("/outbox")
@requires("outbox.replay")
async def index(request: web.Request) -> web.StreamResponse:
    """Dead letters, newest first."""
    rows = await read(request, outbox.dead_letters, cursor_of(request), PAGE_SIZE + 1)
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/outbox.html",
        rows=found.items,
        counts=await read(request, outbox.counts),
        retried=await read(request, outbox.retried),
        jobs=await read(request, outbox.periodic_jobs),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.post(r"/outbox/{id:\d{1,18}}/replay")
@requires("outbox.replay")
async def replay(request: web.Request) -> web.StreamResponse:
    """Try one again from its first attempt."""
    await try_step(request, URL, outbox.replay, id_of(request), actor(request))
    await done(request, "已重新处理", URL)


@routes.post(r"/outbox/{id:\d{1,18}}/skip")
@requires("outbox.replay")
async def skip(request: web.Request) -> web.StreamResponse:
    """Put one aside for good, with a reason."""
    form = await read_form(request)
    typed(form, "放弃")
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, outbox.skip, id_of(request), actor(request), reason)
    await done(request, "已放弃", URL)
