"""代提请求: a request that somebody made by phone, letter, e-mail or at the counter."""

from __future__ import annotations

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec
from admin.kit.steps import ID, Ask
from admin.web import id_of, page, read
from admin.words import REQUEST_KIND
from domain import legal, members, rights
from domain.rights import CHANNELS, CHECKS, KINDS, Behalf
from kernel.web.forms import Form

routes = web.RouteTableDef()
ADD_PATH = f"/members/{ID}/requests"


@routes.get(ADD_PATH)
@requires("tickets.answer")
async def index(request: web.Request) -> web.StreamResponse:
    """The form: what is asked for, how it came, how the identity was checked."""
    return await _page(request, {}, {})


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    member = await read(request, members.member_detail, id_of(request))
    return await page(
        request, "admin/people/behalf.html", status=422 if errors else 200, member=member,
        values=values, errors=errors, kinds=[(kind, REQUEST_KIND[kind].name) for kind in KINDS],
        days=(await read(request, legal.times)).request_days,
    )  # fmt: skip


def _typed(form: Form) -> Behalf:
    return Behalf(
        kind=form.choice("kind", KINDS),
        text=form.prose("text", most=rights.MOST_TEXT),
        channel=form.choice("channel", CHANNELS),
        checked=form.choice("checked", CHECKS),
        note=form.text("note", most=200),
        asked_on=form.day("asked_on"),
        gives_up=form.flag("gives_up"),
    )


def record(ask: Ask, it: Behalf, _: int) -> int:
    """Record a request that a person made outside the mall; the member is notified."""
    rights.open_on_behalf(ask.id, it, ask.actor)
    return ask.id


ADD = FormSpec[Behalf](
    ADD_PATH, "tickets.answer", _typed, record, _page,
    "已登记，会员会收到通知，可以撤回", "/admin/requests",
)  # fmt: skip
