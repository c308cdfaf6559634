"""付款刹车: one button stops every payout; the ceilings, and what the book's check found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from admin.as_shown import carried, shows, try_as_shown
from admin.guard import requires
from admin.web import actor, done, page, read, refuse_bad, report, try_step, typed
from domain import distribution, ledger, payments, payouts, settings
from kernel.web.forms import read_form

routes = web.RouteTableDef()
URL = "/admin/brakes"


@routes.get("/brakes")
@requires("payouts.see")
async def show(request: web.Request) -> web.StreamResponse:
    """Are payouts running, and what would stop them."""
    shown = await carried(request, "stop")
    return await page(request, "admin/brakes.html", shown=shown, **await read(request, _brakes))


def _brakes() -> dict[str, Any]:
    book = payouts.book_check()
    return {
        "brakes": settings.get(settings.PayoutBrakes),
        "payout_stop": payouts.payout_stop(),
        "refund_stop": payments.refund_stop(),
        "refunds": settings.get(settings.RefundBrakes),
        "faults": book.all_faults,
        "checked_at": _instant(book.at_us),
        "whole_at": _instant(book.whole_at_us),
        "figures": distribution.merchant_figures(),
    }


def _instant(at_us: int) -> datetime | None:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC) if at_us else None


@routes.post("/brakes/stop")
@requires("payouts.stop")
async def stop(request: web.Request) -> web.StreamResponse:
    """Stop every payout at once. It asks no code: stopping must never be slow."""
    form = await read_form(request)
    why = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, payouts.stop_all, actor(request), why)
    await done(request, "已暂停一切付款", URL)


@routes.post("/brakes/resume")
@shows("stop")
@requires("payouts.stop", fresh=True)
async def resume(request: web.Request) -> web.StreamResponse:
    """Lift the stop; approved withdrawals go on."""
    form = await read_form(request)
    typed(form, "恢复付款")
    await refuse_bad(request, form, URL)
    await try_as_shown(request, URL, payouts.resume, actor(request))
    await done(request, "已恢复付款", URL)


@routes.post("/brakes/refunds/stop")
@requires("payouts.stop")
async def stop_refunds(request: web.Request) -> web.StreamResponse:
    """Stop every refund at once; payouts go on. It asks no code: stopping must never be slow."""
    form = await read_form(request)
    why = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, payments.stop_refunds, actor(request), why)
    await done(request, "已暂停退款", URL)


@routes.post("/brakes/refunds/resume")
@shows("stop")
@requires("payouts.stop", fresh=True)
async def resume_refunds(request: web.Request) -> web.StreamResponse:
    """Lift the stop of refunds; those that wait go on."""
    form = await read_form(request)
    typed(form, "恢复退款")
    await refuse_bad(request, form, URL)
    await try_as_shown(request, URL, payments.resume_refunds, actor(request))
    await done(request, "已恢复退款", URL)


@routes.post("/brakes/check")
@requires("payouts.stop")
async def check(request: web.Request) -> web.StreamResponse:
    """Re-add the whole book now."""
    found = await report(request, ledger.doctor)
    faults = await try_step(request, URL, payouts.record_check, found)
    text = f"发现 {len(faults)} 处差异，付款已暂停" if faults else "账本核对无差异"
    await done(request, text, URL)
