"""泄露告知: what leaked of the member's data, the harm, what was done, what to do, whom to ask."""

from __future__ import annotations

from aiohttp import web

from domain import leaks
from kernel.web.render import render
from mall_h5.web import SignedIn, signed_in

routes = web.RouteTableDef()


@routes.get("/me/leaks/{no:[0-9A-Za-z]{4,40}}")
@signed_in
async def notice(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The whole notice, for those whom it concerns; that it was opened is kept."""
    found = await me.read(leaks.own_leak, request.match_info["no"], me.id)
    await me.write(leaks.read_by, found.leak_no, me.id)
    return render(request, "h5/me/leak.html", each=found)
