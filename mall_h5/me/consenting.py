"""授权管理: each purpose by itself, with since when and which version; withdrawn here any time."""

from __future__ import annotations

from aiohttp import web

from domain import legal
from kernel import catalogues
from kernel.web.forms import read_form
from kernel.web.render import render
from mall_h5.web import SignedIn, signed_in

routes = web.RouteTableDef()
PAGE = "/m/me/consents"
TITLE = catalogues.of("mall").names("legal.purpose")
NOTE = catalogues.of("mall").names("legal.purpose_note")


@routes.get("/me/consents")
@signed_in
async def consents(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Every purpose with the member's answer."""
    found = await me.read(legal.purposes_of, me.id)
    rows = [(each, TITLE[each.name], NOTE[each.name]) for each in found]
    return render(request, "h5/me/consents.html", purposes=rows)


@routes.post("/me/consents")
@signed_in
async def decide(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Agree to one purpose or withdraw from it."""
    form = await read_form(request)
    name, is_on = form.choice("purpose", TITLE), form.choice("answer", ("yes", "no")) == "yes"
    form.check()
    await me.write(legal.decide_purpose, me.id, name, is_on=is_on)
    await me.flash(f"{TITLE[name]}：已开启" if is_on else f"{TITLE[name]}：已关闭")
    raise web.HTTPSeeOther(PAGE)
