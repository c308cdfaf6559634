"""对账: WeChat's bills against our book; differences that a person closes; the hold."""

from __future__ import annotations

from typing import Any

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
from domain import hold, reconcile
from kernel.web.forms import read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
URL = "/admin/reconcile"


@routes.get("/reconcile")
@requires("payouts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The last days, and every difference that waits for the other side or for a person."""
    rows = await read(request, reconcile.open_lines, cursor_of(request), PAGE_SIZE + 1)
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/reconcile.html",
        rows=found.items,
        next=next_url(request, found),
        first=first_url(request),
        **await read(request, _days),
    )


def _days() -> dict[str, Any]:
    held = hold.state()
    problem = hold.why_not_lifted(held) if held.is_held else None
    return {"days": reconcile.bill_days(), "held": held, "problem": problem}


@routes.post(r"/reconcile/{id:\d{1,18}}/close")
@requires("payouts.review", fresh=True)
async def close(request: web.Request) -> web.StreamResponse:
    """Take a difference off the list, with what was found out."""
    form = await read_form(request)
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, reconcile.close_line, id_of(request), reason)
    await done(request, "差异已关闭", URL)


@routes.post("/reconcile/lift")
@requires("payouts.stop", fresh=True)
async def lift(request: web.Request) -> web.StreamResponse:
    """End the hold after a restore, once the bills were read."""
    form = await read_form(request)
    typed(form, "解除保全")
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, hold.lift, actor(request), reason)
    await done(request, "已解除保全，付款、退款与发送恢复", URL)
