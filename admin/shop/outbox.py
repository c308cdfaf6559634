"""后台任务: dead letters, to retry or to skip with a reason; the periodic jobs."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.kit.steps import ID, Ask, Step, nothing, reason
from admin.web import (
    PAGE_SIZE,
    first_url,
    next_url,
    page,
    read,
)
from domain import outbox
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
URL = "/admin/outbox"


@routes.get("/outbox")
@requires("outbox.replay")
async def index(request: web.Request) -> web.StreamResponse:
    """Show dead letters, newest first, and the periodic jobs."""
    rows = await read(request, outbox.list_dead_letters, cursor_of(request), PAGE_SIZE + 1)
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/shop/outbox.html",
        rows=found.items,
        counts=await read(request, outbox.counts),
        retried=await read(request, outbox.list_retried),
        jobs=await read(request, outbox.list_periodic_jobs),
        next=next_url(request, found),
        first=first_url(request),
    )


def replay(ask: Ask, _: None) -> str:
    """Retry a dead letter, counting attempts from the first."""
    outbox.replay_dead_letter(ask.id, ask.actor)
    return "已重新处理"


def skip(ask: Ask, why: str) -> str:
    """Skip a dead letter for good, with a reason."""
    outbox.skip_dead_letter(ask.id, ask.actor, why)
    return "已放弃"


STEPS = (
    Step(f"/outbox/{ID}/replay", "outbox.replay", replay, URL, nothing),
    Step(f"/outbox/{ID}/skip", "outbox.replay", skip, URL, reason, word="放弃"),
)
