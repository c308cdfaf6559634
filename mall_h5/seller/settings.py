"""A distributor's own settings: the name on posters and links, the agreement, leaving (退出)."""

from __future__ import annotations

from aiohttp import web

from domain import distribution
from domain.distribution import DistributorView
from kernel.errors import DomainError
from kernel.web.forms import read_form
from kernel.web.render import render
from mall_h5.legal import VERSIONS
from mall_h5.texts import TEXTS
from mall_h5.web import flash, member_of, read, signed_in, write

routes = web.RouteTableDef()
TERMS = "distribution"
OUTSIDE = {"applied", "rejected", "left"}


@routes.get("/d/settings")
@signed_in
async def settings(request: web.Request) -> web.StreamResponse:
    """Name and agreement; a distributor whom the merchant appointed accepts the agreement here."""
    return await _shown(request, await _mine(request), {}, {})


@routes.post("/d/settings")
@signed_in
async def save(request: web.Request) -> web.StreamResponse:
    """Store the name, and the consent to the current agreement if it is still missing."""
    mine = await _mine(request)
    form = await read_form(request)
    if not _is_accepted(mine) and not form.flag("agree"):
        form.fail("agree", "terms_not_accepted")
    if form.is_valid:
        try:
            name, version = form.raw("display_name"), VERSIONS[TERMS]
            await write(request, distribution.sign, mine.member_id, name, version)
        except DomainError as refused:
            form.errors[refused.field or ""] = refused
    if not form.is_valid:
        errors = {name: TEXTS.of(each) for name, each in form.errors.items()}
        return await _shown(request, mine, form.values, errors)
    await flash(request, "已保存")
    raise web.HTTPSeeOther("/m/d/")


@routes.post("/d/leave")
@signed_in
async def leave(request: web.Request) -> web.StreamResponse:
    """Leave at any time (退出); commission that was earned can still be withdrawn."""
    mine = await _mine(request)
    await write(request, distribution.leave_for_good, mine.member_id)
    await flash(request, "您已退出分销，已得佣金仍可提现")
    raise web.HTTPSeeOther("/m/d/")


def _is_accepted(mine: DistributorView) -> bool:
    return mine.terms_version == VERSIONS[TERMS]


async def _mine(request: web.Request) -> DistributorView:
    mine: DistributorView | None = await read(
        request, distribution.distributor, member_of(request)
    )
    if mine is None or mine.state in OUTSIDE:
        raise web.HTTPFound("/m/d/")
    return mine


async def _shown(
    request: web.Request,
    mine: DistributorView,
    values: dict[str, str],
    errors: dict[str, str],
) -> web.Response:
    return render(
        request,
        "h5/seller/settings.html",
        status=422 if errors else 200,
        mine=mine,
        values=values,
        errors=errors,
        version=VERSIONS[TERMS],
        is_accepted=_is_accepted(mine),
    )
