"""客服与投诉: each question has a number, an owner and a time limit."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.web import (
    PAGE_SIZE,
    actor,
    chosen,
    done,
    first_url,
    next_url,
    page,
    read,
    refuse_bad,
    try_step,
)
from domain import orders, service_desk
from kernel.errors import NotFound
from kernel.web.forms import read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
STATES = ("open", "answered", "closed")
NO = r"/tickets/{no:[0-9A-Za-z]{4,40}}"


@routes.get("/tickets")
@requires("tickets.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Tickets, newest first; open ones unless another view is chosen."""
    state = chosen(request, "state", STATES) or "open"
    limit = PAGE_SIZE + 1
    rows = await read(request, service_desk.ticket_desk, state, cursor_of(request), limit)
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/tickets.html",
        rows=found.items,
        state=state,
        counts=await read(request, service_desk.ticket_counts),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.get(NO)
@requires("tickets.see")
async def sheet(request: web.Request) -> web.StreamResponse:
    """One ticket."""
    found = await read(request, service_desk.ticket_page, request.match_info["no"])
    order_no, text = service_desk.about(found.text)
    is_own = bool(order_no) and await read(request, _is_own, order_no, found.member_id)
    return await page(
        request, "admin/ticket.html", ticket=found, order_no=order_no, is_own=is_own, text=text
    )


def _is_own(order_no: str, member_id: int) -> bool:
    """Whether the order that a ticket names is an order of the member who wrote it."""
    try:
        orders.order_page(order_no, member_id)
    except NotFound:
        return False
    return True


@routes.post(f"{NO}/take")
@requires("tickets.answer")
async def take(request: web.Request) -> web.StreamResponse:
    """Make a ticket one's own."""
    await try_step(request, _url(request), service_desk.take_ticket, request.match_info["no"],
                   actor(request))  # fmt: skip
    await done(request, "已认领", _url(request))


@routes.post(f"{NO}/answer")
@requires("tickets.answer")
async def answer(request: web.Request) -> web.StreamResponse:
    """Answer; the member is told."""
    form, url = await read_form(request), _url(request)
    text = form.prose("answer", most=1000)
    await refuse_bad(request, form, url)
    await try_step(request, url, service_desk.answer_ticket, request.match_info["no"], text,
                   actor(request))  # fmt: skip
    await done(request, "已答复，会员会收到提醒", url)


@routes.post(f"{NO}/close")
@requires("tickets.answer")
async def close(request: web.Request) -> web.StreamResponse:
    """An answered ticket ends."""
    await try_step(request, _url(request), service_desk.close_ticket, request.match_info["no"],
                   actor(request))  # fmt: skip
    await done(request, "工单已结束", _url(request))


def _url(request: web.Request) -> str:
    return f"/admin/tickets/{request.match_info['no']}"
