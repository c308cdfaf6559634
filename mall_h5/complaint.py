"""投诉与建议: each one gets a number, a person and a time limit, and can be followed here."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from domain import push
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.texts import TEXTS
from mall_h5.web import command, flash, limit, member_of, read, signed_in, write

routes = web.RouteTableDef()
PAGE = 10
WORDS_A_MINUTE = 6
TEXT_MOST = 900
KINDS = (("question", "咨询、建议", "24 小时内答复"), ("complaint", "投诉", "72 小时内处理"))
NO = r"{no:TK[A-Z0-9]{10,30}}"
_ABOUT = re.compile(r"\[订单 (ORD[A-Z0-9]{10,29})\] (.*)", re.DOTALL)
_ORDER = re.compile(r"ORD[A-Z0-9]{10,29}")


@routes.get("/complaint")
@signed_in
async def index(request: web.Request) -> web.StreamResponse:
    """The form, and what was said before."""
    return await _page(request, Form(request.query), {})


@routes.post("/complaint")
@signed_in
async def say(request: web.Request) -> web.StreamResponse:
    """Take it down, once however often it is tapped."""
    await limit(request, "complaint", most=WORDS_A_MINUTE)
    form = await read_form(request)
    try:
        key = form.idem_key()
        kind = form.choice("kind", [kind for kind, _, _ in KINDS])
        text = form.text("text", most=TEXT_MOST)
        form.check()
        order_no = form.raw("order") if _ORDER.fullmatch(form.raw("order")) else ""
        said = f"[订单 {order_no}] {text}" if order_no else text
        number = await command(
            request, key, push.open_ticket, member_of(request), said, kind, body=[kind, said]
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
    """One of them: where it stands and the answer."""
    return await _one(request, Form({}), {})


@routes.post(f"/complaint/{NO}/more")
@signed_in
async def more(request: web.Request) -> web.StreamResponse:
    """Not content with the answer: it is open again."""
    await limit(request, "complaint", most=WORDS_A_MINUTE)
    form = await read_form(request)
    text = form.text("text", most=TEXT_MOST)
    if not form.is_valid:
        errors = {name: TEXTS.of(error) for name, error in form.errors.items()}
        return await _one(request, form, errors)
    await write(request, push.reopen_ticket, _no(request), member_of(request), text)
    await flash(request, "已补充，我们会继续处理")
    raise web.HTTPSeeOther(f"/m/complaint/{_no(request)}")


@routes.post(f"/complaint/{NO}/close")
@signed_in
async def close(request: web.Request) -> web.StreamResponse:
    """Settled."""
    await limit(request, "complaint", most=WORDS_A_MINUTE)
    member_id = member_of(request)
    await write(request, push.close_ticket, _no(request), f"member:{member_id}", member_id)
    await flash(request, "已结束，感谢您的反馈")
    raise web.HTTPSeeOther(f"/m/complaint/{_no(request)}")


async def _page(request: web.Request, form: Form, errors: dict[str, str]) -> web.Response:
    before = cursor_of(request) if request.method == "GET" else None
    found: list[Any] = await read(request, push.my_tickets, member_of(request), before, PAGE + 1)
    order_no = form.raw("order") if _ORDER.fullmatch(form.raw("order")) else ""
    return render(
        request,
        "h5/complaint.html",
        status=422 if errors else 200,
        kinds=KINDS,
        page=cut(found, PAGE),
        is_first=before is None,
        values=form.values,
        errors=errors,
        order_no=order_no,
        words={each.ticket_no: _about(each.text)[1] for each in found},
    )


async def _one(request: web.Request, form: Form, errors: dict[str, str]) -> web.Response:
    ticket = await read(request, push.ticket_page, _no(request), member_of(request))
    order_no, text = _about(ticket.text)
    return render(
        request,
        "h5/complaint_one.html",
        status=422 if errors else 200,
        ticket=ticket,
        values=form.values,
        errors=errors,
        order_no=order_no,
        text=text,
    )


def _about(text: str) -> tuple[str, str]:
    """The order that a text is about, and the text without it."""
    found = _ABOUT.fullmatch(text)
    return (found[1], found[2]) if found else ("", text)


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
