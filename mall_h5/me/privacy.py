"""隐私: each purpose and what the upline may see, one by one; one's own data, its deletion."""

from __future__ import annotations

from aiohttp import web

from domain import distribution, legal, rights
from kernel import catalogues
from kernel.errors import Conflict, NotFound
from kernel.web.forms import read_form
from kernel.web.render import render
from mall_h5.texts import TEXTS
from mall_h5.web import SignedIn, signed_in

routes = web.RouteTableDef()
PAGE = "/m/me/privacy"
TITLE = catalogues.of("mall").names("legal.purpose")
NOTE = catalogues.of("mall").names("legal.purpose_note")
NAMES_VERSION = "2026-12"
"""Of the question in h5/me/_names_question.html; a changed text needs a new one."""
AGREED = "已同意，可随时在“我的 - 隐私与授权”撤回"
DECLINED = "已记下，推荐人看不到您的资料"


@routes.get("/me/privacy")
@signed_in
async def privacy(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Every purpose with the member's answer, since when, and to which version."""
    found = await me.read(legal.purposes_of, me.id)
    return render(
        request,
        "h5/me/privacy.html",
        purposes=[(each, TITLE[each.name], NOTE[each.name]) for each in found],
        shown_to=await me.read(distribution.shown_to, me.id),
        waiting=await me.read(rights.open_deletion, me.id),
    )


@routes.get("/me/consents")
@signed_in
async def moved(_: web.Request, __: SignedIn) -> web.StreamResponse:
    """The page's address of a former release."""
    raise web.HTTPMovedPermanently(PAGE)


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


@routes.post("/me/names")
@signed_in
async def answer(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Agree that the upline sees the member, decline, or withdraw; nothing else depends on it."""
    form = await read_form(request)
    version = form.integer("version", least=1, most=10**9)
    is_agreed = form.choice("answer", ("yes", "no")) == "yes"
    form.check()
    try:
        await me.write(distribution.decide_names, me.id, version, is_agreed, NAMES_VERSION)
        await me.flash(AGREED if is_agreed else DECLINED)
    except (Conflict, NotFound) as refused:
        await me.flash(TEXTS.of(refused))
    back = form.raw("next")
    raise web.HTTPSeeOther(back if back in BACK or _is_product(back) else PAGE)


BACK = frozenset({"/m/", PAGE})


def _is_product(path: str) -> bool:
    head, _, number = path.rpartition("/")
    return head == "/m/p" and number.isdecimal() and len(number) < 18
