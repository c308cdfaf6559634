"""投诉与建议: each gets a number, a responsible person and a time limit, and is followed here."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from domain import orders, service_desk
from kernel.errors import DomainError, NotFound
from kernel.web.forms import Form, read_form
from kernel.web.paging import cursor_of, cut
from mall_h5.texts import TEXTS
from mall_h5.trade_words import TEXT, Choice
from mall_h5.web import Shown, SignedIn, draw, mistakes, shown, signed_in

routes = web.RouteTableDef()
PAGE = 10
WORDS_A_MINUTE = 6
TEXT_MOST = 900
KINDS = TEXT.records("ticket.kind", Choice)
ORDER = re.compile(r"ORD[A-Z0-9]{10,29}")
NO = r"{no:TK[A-Z0-9]{10,30}}"


@routes.get("/complaint")
@signed_in
async def index(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The form, and the member's earlier tickets."""
    return draw(request, await _page(me, Form(request.query), {}, cursor_of(request)))


@routes.post("/complaint")
@signed_in
async def say(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Open a ticket; a repeated tap opens no second one."""
    await me.limit("complaint", most=WORDS_A_MINUTE)
    form = await read_form(request)
    try:
        key = form.idem_key()
        kind = form.choice("kind", list(KINDS))
        text = form.prose("text", most=TEXT_MOST)
        form.check()
        order_no = await _own(me, form.raw("order"))
        if form.raw("order") and not order_no:
            raise NotFound("order_missing", "order")
        named = me.command_key("open_ticket", key, [kind, text, order_no])
        number = await me.once(
            named, service_desk.open_ticket, me.id, text, kind, order_no or None
        )
    except DomainError as error:
        if error.code == "command_reused":
            raise web.HTTPSeeOther(f"/m/complaint/{error.facts['first']}") from error
        field = error.field if error.field in {"kind", "text"} else ""
        return draw(request, await _page(me, form, {field or "": TEXTS.of(error)}))
    await me.flash("已收到，可凭编号查看进度")
    raise web.HTTPSeeOther(f"/m/complaint/{number}")


@routes.get(f"/complaint/{NO}")
@signed_in
async def one(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """One ticket: its state and the answer."""
    return draw(request, await _one(me, _no(request), Form({}), {}))


@routes.post(f"/complaint/{NO}/more")
@signed_in
async def more(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The member is not content with the answer: reopen the ticket."""
    await me.limit("complaint", most=WORDS_A_MINUTE)
    no, form = _no(request), await read_form(request)
    text = form.prose("text", most=TEXT_MOST)
    if not form.is_valid:
        return draw(request, await _one(me, no, form, mistakes(form)))
    await me.write(service_desk.reopen_ticket, no, me.id, text)
    await me.flash("已补充，我们会继续处理")
    raise web.HTTPSeeOther(f"/m/complaint/{no}")


@routes.post(f"/complaint/{NO}/close")
@signed_in
async def close(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The member accepts the answer: close the ticket."""
    await me.limit("complaint", most=WORDS_A_MINUTE)
    no = _no(request)
    await me.write(service_desk.close_ticket, no, f"member:{me.id}", me.id)
    await me.flash("已结束，感谢您的反馈")
    raise web.HTTPSeeOther(f"/m/complaint/{no}")


async def _page(
    me: SignedIn, form: Form, errors: dict[str, str], before: int | None = None
) -> Shown:
    found: list[Any] = await me.read(service_desk.list_tickets_of_member, me.id, before, PAGE + 1)
    return shown(
        "h5/me/complaint.html",
        status=422 if errors else 200,
        kinds=KINDS,
        page=cut(found, PAGE),
        is_first=before is None,
        values=form.values,
        errors=errors,
        order_no=await _own(me, form.raw("order")),
    )


async def _one(me: SignedIn, no: str, form: Form, errors: dict[str, str]) -> Shown:
    ticket = await me.read(service_desk.ticket_detail, no, me.id)
    return shown(
        "h5/me/complaint_one.html",
        status=422 if errors else 200,
        ticket=ticket,
        values=form.values,
        errors=errors,
        order_no=await _own(me, ticket.order_no),
    )


async def _own(me: SignedIn, order_no: str) -> str:
    """The order number if the order is the member's own, else ''."""
    if not ORDER.fullmatch(order_no):
        return ""
    try:
        await me.read(orders.order_detail_for_buyer, order_no, me.id)
    except NotFound:
        return ""
    return order_no


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
