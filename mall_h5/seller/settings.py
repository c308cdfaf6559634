"""A distributor's own settings: the name on posters and links, the agreement, leaving (退出)."""

from __future__ import annotations

from aiohttp import web

from domain import distribution, legal
from domain.distribution import DistributorView
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form
from mall_h5.legal import agreed_to
from mall_h5.web import Shown, SignedIn, draw, mistakes, shown, signed_in

routes = web.RouteTableDef()
TERMS: legal.Kind = "distribution"
OUTSIDE = {"applied", "rejected", "left"}


@routes.get("/d/settings")
@signed_in
async def settings(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Name and agreement; a distributor whom the merchant appointed accepts the agreement here."""
    return draw(request, await _page(me, await _mine(me), Form({})))


@routes.post("/d/settings")
@signed_in
async def save(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Store the name, and the consent to the current agreement if it is still missing."""
    mine = await _mine(me)
    form = await read_form(request)
    version = ""
    if await me.read(legal.is_behind, mine.terms_version, TERMS):
        version = await agreed_to(me, form, TERMS)
    if form.is_valid:
        name = form.publish("display_name", form.raw("display_name"), is_name=True)
        try:
            if version:
                await me.write(distribution.sign_agreement, mine.member_id, name, version)
            else:
                await me.write(distribution.set_display_name, mine.member_id, name)
        except DomainError as refused:
            form.errors[refused.field or ""] = refused
    if not form.is_valid:
        return draw(request, await _page(me, mine, form))
    await me.flash("已保存")
    raise web.HTTPSeeOther("/m/d/")


@routes.post("/d/leave")
@signed_in
async def leave(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Leave at any time (退出); commission that was earned can still be withdrawn."""
    mine = await _mine(me)
    await me.write(distribution.leave_and_withdraw_consent, mine.member_id)
    await me.flash("您已退出分销，已得佣金仍可提现")
    raise web.HTTPSeeOther("/m/d/")


async def _mine(me: SignedIn) -> DistributorView:
    mine = await me.read(distribution.distributor, me.id)
    if mine is None or mine.state in OUTSIDE:
        raise web.HTTPFound("/m/d/")
    return mine


async def _page(me: SignedIn, mine: DistributorView, form: Form) -> Shown:
    return shown(
        "h5/seller/settings.html",
        status=200 if form.is_valid else 422,
        mine=mine,
        values=form.values,
        errors=mistakes(form),
        asked=await me.read(legal.asking, me.id, TERMS),
        agreed=legal.number_of(mine.terms_version),
        is_behind=await me.read(legal.is_behind, mine.terms_version, TERMS),
    )
