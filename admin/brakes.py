"""付款刹车: one button stops every payout; the ceilings, and what the book's check found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.web import actor, done, page, read, refuse_bad, try_step, typed
from domain import distribution, settings
from domain.distribution.service.brakes import BookCheck
from kernel.web.forms import read_form

routes = web.RouteTableDef()
URL = "/admin/brakes"


@routes.get("/brakes")
@requires("payouts.see")
async def show(request: web.Request) -> web.StreamResponse:
    """Are payouts running, and what would stop them."""
    return await page(request, "admin/brakes.html", **await read(request, _brakes))


def _brakes() -> dict[str, Any]:
    book = settings.get(BookCheck)
    return {
        "brakes": settings.get(settings.PayoutBrakes),
        "faults": book.faults,
        "checked_at": datetime.fromtimestamp(book.at_us / 1_000_000, UTC) if book.at_us else None,
        "figures": distribution.merchant_figures(),
    }


@routes.post("/brakes/stop")
@requires("payouts.stop")
async def stop(request: web.Request) -> web.StreamResponse:
    """Stop every payout at once. It asks no code: stopping must never be slow."""
    form = await read_form(request)
    why = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, distribution.stop_all, actor(request), why)
    await done(request, "已暂停一切付款", URL)


@routes.post("/brakes/resume")
@requires("payouts.stop", fresh=True)
async def resume(request: web.Request) -> web.StreamResponse:
    """Lift the stop; approved withdrawals go on."""
    form = await read_form(request)
    typed(form, "恢复付款")
    await refuse_bad(request, form, URL)
    await try_step(request, URL, distribution.resume, actor(request))
    await done(request, "已恢复付款", URL)


@routes.post("/brakes/check")
@requires("payouts.stop")
async def check(request: web.Request) -> web.StreamResponse:
    """Re-add the whole book now."""
    faults = await try_step(request, URL, distribution.check_book)
    text = f"发现 {len(faults)} 处差异，付款已暂停" if faults else "账本核对无差异"
    await done(request, text, URL)
