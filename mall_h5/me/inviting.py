"""推荐邀请: the card that invites a happy buyer once, and the answers to it."""

from __future__ import annotations

from aiohttp import web

from domain import invitations
from kernel.errors import Conflict
from kernel.web.forms import read_form
from mall_h5.texts import TEXTS
from mall_h5.web import SignedIn, path_of_ours, signed_in

routes = web.RouteTableDef()
REFUSED = "已记下，不会再邀请"
OPENED = "这一页可以转给朋友，转发没有奖励"


@routes.post("/me/invitation")
@signed_in
async def answer(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Refuse the invitation, or open the goods to send their page on; joining is a link."""
    form = await read_form(request)
    said = form.choice("answer", ("no", "pass"))
    form.check()
    back = path_of_ours(form.raw("next"))
    if said == "no":
        await me.write(invitations.refuse, me.id)
        await me.flash(REFUSED)
        raise web.HTTPSeeOther(back)
    found = await me.read(invitations.open_invitation, me.id)
    try:
        await me.write(invitations.pass_on, me.id)
    except Conflict as over:
        await me.flash(TEXTS.of(over))
        raise web.HTTPSeeOther(back) from None
    await me.flash(OPENED)
    product_id = found.product_id if found is not None else None
    raise web.HTTPSeeOther("/m/" if product_id is None else f"/m/p/{product_id}")
