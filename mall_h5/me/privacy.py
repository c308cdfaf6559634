"""隐私: what the upline may see of the member; asked once when bound, changed here any time."""

from __future__ import annotations

from aiohttp import web

from domain import distribution
from kernel.errors import Conflict, NotFound
from kernel.web.forms import read_form
from kernel.web.render import render
from mall_h5.texts import TEXTS
from mall_h5.web import SignedIn, signed_in

routes = web.RouteTableDef()
PAGE = "/m/me/privacy"
NAMES_VERSION = "2026-12"
"""Of the question in h5/me/_names_question.html; a changed text needs a new one."""
AGREED = "已同意，可随时在“我的 - 授权管理”撤回"
DECLINED = "已记下，推荐人看不到您的资料"


@routes.get("/me/privacy")
@signed_in
async def privacy(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Each consent with its state."""
    return render(
        request,
        "h5/me/privacy.html",
        shown_to=await me.read(distribution.shown_to, me.id),
    )


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
    except (Conflict, NotFound) as moved:
        await me.flash(TEXTS.of(moved))
    back = form.raw("next")
    raise web.HTTPSeeOther(back if back in BACK or _is_product(back) else PAGE)


BACK = frozenset({"/m/", PAGE})


def _is_product(path: str) -> bool:
    head, _, number = path.rpartition("/")
    return head == "/m/p" and number.isdecimal() and len(number) < 18
