"""投诉与建议: each gets a number, a responsible person and a time limit, and is followed here."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import orders, service_desk
from kernel.errors import DomainError, NotFound
from kernel.web.forms import Form, read_form
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.texts import TEXTS
from mall_h5.web import command_key, flash, limit, member_of, once, read, signed_in, write

routes = web.RouteTableDef()
PAGE = 10
WORDS_A_MINUTE = 6
TEXT_MOST = 900
KINDS = (("question", "咨询、建议", "24 小时内答复"), ("complaint", "投诉", "72 小时内处理"))
NO = r"{no:TK[A-Z0-9]{10,30}}"


@routes.get("/complaint")
@signed_in
async def index(request: web.Request) -> web.StreamResponse:
    """The form, and the member's earlier tickets."""
    return await _page(request, Form(request.query), {})


@routes.post("/complaint")
@signed_in
async def say(request: web.Request) -> web.StreamResponse:
    """Open a ticket; a repeated tap opens no second one."""
    await limit(request, "complaint", most=WORDS_A_MINUTE)
    form = await read_form(request)
    try:
        key = form.idem_key()
        kind = form.choice("kind", [kind for kind, _, _ in KINDS])
        text = form.prose("text", most=TEXT_MOST)
        form.check()
        order_no = await _own(request, form.raw("order"))
        if form.raw("order") and not order_no:
            raise NotFound("order_missing", "order")
        said = service_desk.with_order(order_no, text)
        named = command_key(request, "open_ticket", key, [kind, said])
        number = await once(
            request, named, service_desk.open_ticket, member_of(request), said, kind
        )
    except DomainError as error:
        if error.code == "command_reused":
            raise web.HTTPSeeOther(f"/m/complaint/{error.facts['first']}") from error
        field = error.field if error.field in {"kind", "text"} else ""
        return await _page(request, form, {field or "": TEXTS.of(error)})
    await flash(request, "已收到，可凭编号查看进度")
    raise web.HTTPSeeOther(f"/m/complaint/{number}")


@routes.get(f"/complaint/{NO}")
@signed_in
async def one(request: web.Request) -> web.StreamResponse:
    """One ticket: its state and the answer."""
    return await _one(request, Form({}), {})


@routes.post(f"/complaint/{NO}/more")
@signed_in
async def more(request: web.Request) -> web.StreamResponse:
    """The member is not content with the answer: reopen the ticket."""
    await limit(request, "complaint", most=WORDS_A_MINUTE)
    form = await read_form(request)
    text = form.prose("text", most=TEXT_MOST)
    if not form.is_valid:
        errors = {name: TEXTS.of(error) for name, error in form.errors.items()}
        return await _one(request, form, errors)
    await write(request, service_desk.reopen_ticket, _no(request), member_of(request), text)
    await flash(request, "已补充，我们会继续处理")
    raise web.HTTPSeeOther(f"/m/complaint/{_no(request)}")


@routes.post(f"/complaint/{NO}/close")
@signed_in
async def close(request: web.Request) -> web.StreamResponse:
    """The member accepts the answer: close the ticket."""
    await limit(request, "complaint", most=WORDS_A_MINUTE)
    member_id = member_of(request)
    await write(request, service_desk.close_ticket, _no(request), f"member:{member_id}", member_id)
    await flash(request, "已结束，感谢您的反馈")
    raise web.HTTPSeeOther(f"/m/complaint/{_no(request)}")


async def _page(request: web.Request, form: Form, errors: dict[str, str]) -> web.Response:
    before = cursor_of(request) if request.method == "GET" else None
    found: list[Any] = await read(
        request, service_desk.my_tickets, member_of(request), before, PAGE + 1
    )
    return render(
        request,
        "h5/me/complaint.html",
        status=422 if errors else 200,
        kinds=KINDS,
        page=cut(found, PAGE),
        is_first=before is None,
        values=form.values,
        errors=errors,
        order_no=await _own(request, form.raw("order")),
        words={each.ticket_no: service_desk.about(each.text)[1] for each in found},
    )


async def _one(request: web.Request, form: Form, errors: dict[str, str]) -> web.Response:
    ticket = await read(request, service_desk.ticket_page, _no(request), member_of(request))
    order_no, text = service_desk.about(ticket.text)
    return render(
        request,
        "h5/me/complaint_one.html",
        status=422 if errors else 200,
        ticket=ticket,
        values=form.values,
        errors=errors,
        order_no=await _own(request, order_no),
        text=text,
    )


async def _own(request: web.Request, order_no: str) -> str:
    """The order number if the order is the member's own, else ''."""
    if not service_desk.ORDER.fullmatch(order_no):
        return ""
    try:
        await read(request, orders.order_detail_for_buyer, order_no, member_of(request))
    except NotFound:
        return ""
    return order_no


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
