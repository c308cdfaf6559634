"""售后与退款: decide, take goods back, send a replacement; refunds that WeChat could not make."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.guard import requires
from admin.orders import COMPANIES
from admin.web import (
    PAGE_SIZE,
    chosen,
    done,
    first_url,
    id_of,
    next_url,
    page,
    people_of,
    read,
    refuse_bad,
    try_step,
    typed,
    words,
)
from domain import aftersales, catalog, members, payments, settings
from kernel.web.forms import read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
ID = r"/aftersales/{id:\d{1,18}}"
STATES = ("requested", "approved", "returning", "received_back", "refunding", "abnormal")
REFUND_STATES = ("created", "processing", "abnormal", "succeeded", "settled_by_hand")


@routes.get("/aftersales")
@requires("orders.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Cases, newest first; open ones unless all are asked for."""
    state = chosen(request, "state", STATES)
    show_all = request.query.get("all") == "1"
    rows = await read(
        request,
        aftersales.case_desk,
        state=state,
        is_open=None if state or show_all else True,
        order_no=words(request).upper(),
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/aftersales.html",
        rows=found.items,
        pics=await read(request, catalog.line_pictures, found.items),
        state=state or "",
        show_all=show_all,
        counts=await read(request, aftersales.case_counts),
        states=STATES,
        words=words(request),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.get(ID)
@requires("orders.see")
async def sheet(request: web.Request) -> web.StreamResponse:
    """One case: what is asked, what it comes to, steps, and what may be done now."""
    found = await read(request, _sheet, id_of(request))
    return await page(request, "admin/aftersale.html", companies=COMPANIES, **found)


def _sheet(case_id: int) -> dict[str, Any]:
    case = aftersales.case_sheet(case_id)
    return {
        "case": case,
        "buyer": members.profile(case.member_id),
        "refunds": payments.refunds_of_case(case_id),
        "return_to": settings.get(settings.Returns).line,
        "people": people_of(step.actor for step in case.log),
        "pics": catalog.line_pictures([case]),
    }


@routes.post(f"{ID}/approve")
@requires("orders.refund")
async def approve(request: web.Request) -> web.StreamResponse:
    """Yes: the money goes back, or the buyer sends the goods."""
    form, url = await read_form(request), _url(request)
    note = form.text("note", most=200, required=False)
    await refuse_bad(request, form, url)
    state = await try_step(request, url, aftersales.approve_case, id_of(request), note)
    text = "已同意，等待买家寄回" if state == "approved" else "已同意，退款已发起"
    await done(request, text, url)


@routes.post(f"{ID}/reject")
@requires("orders.refund")
async def reject(request: web.Request) -> web.StreamResponse:
    """No, with the reason that the buyer reads."""
    form, url = await read_form(request), _url(request)
    typed(form, "驳回")
    why = form.text("reason", most=200)
    await refuse_bad(request, form, url)
    await try_step(request, url, aftersales.reject_case, id_of(request), why)
    await done(request, "已驳回，买家可再次申请或投诉", url)


@routes.post(f"{ID}/received")
@requires("orders.refund")
async def received(request: web.Request) -> web.StreamResponse:
    """The goods are back, fit for sale or not."""
    form, url = await read_form(request), _url(request)
    await try_step(
        request, url, aftersales.take_back, id_of(request), restock=form.flag("restock")
    )
    await done(request, "已收到退货", url)


@routes.post(f"{ID}/replace")
@requires("orders.ship")
async def replace(request: web.Request) -> web.StreamResponse:
    """The replacement is on its way."""
    form, url = await read_form(request), _url(request)
    company, number = form.text("company", most=24), form.text("tracking_no", most=40)
    await refuse_bad(request, form, url)
    await try_step(request, url, aftersales.send_replacement, id_of(request), company, number)
    await done(request, "换货已发出", url)


@routes.post(f"{ID}/instead")
@requires("orders.refund")
async def instead(request: web.Request) -> web.StreamResponse:
    """Pay back instead of exchanging."""
    form, url = await read_form(request), _url(request)
    why = form.text("reason", most=200, required=False)
    await try_step(request, url, aftersales.refund_instead, id_of(request), why)
    await done(request, "已改为退款", url)


@routes.get("/refunds")
@requires("orders.see")
async def refunds(request: web.Request) -> web.StreamResponse:
    """Every refund; those that WeChat could not make wait for a person."""
    state = chosen(request, "state", REFUND_STATES)
    is_automatic = request.query.get("auto") == "1"
    rows = await read(
        request,
        payments.refund_desk,
        state=state,
        is_automatic=True if is_automatic else None,
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/refunds.html",
        rows=found.items,
        state=state or "",
        is_automatic=is_automatic,
        odd=await read(request, payments.odd_notices, limit=10),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.post(r"/refunds/{id:\d{1,18}}/retry")
@requires("orders.refund")
async def retry(request: web.Request) -> web.StreamResponse:
    """Send an abnormal refund again, under its old number."""
    url = "/admin/refunds?state=abnormal"
    await try_step(request, url, payments.retry_refund, id_of(request))
    await done(request, "已重新提交退款", url)


@routes.post(r"/refunds/{id:\d{1,18}}/settle")
@requires("orders.refund", fresh=True)
async def settle(request: web.Request) -> web.StreamResponse:
    """The money went back another way; the proof is kept."""
    form, url = await read_form(request), "/admin/refunds?state=abnormal"
    typed(form, "已退")
    proof = form.text("proof", most=200)
    await refuse_bad(request, form, url)
    is_done = await try_step(request, url, payments.settle_refund_by_hand, id_of(request), proof)
    await done(request, "已登记线下退款" if is_done else "已登记凭证，需另一位同事核对后确认", url)


def _url(request: web.Request) -> str:
    return f"/admin/aftersales/{id_of(request)}"
