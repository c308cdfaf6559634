"""免确认收款: a distributor agrees in WeChat to be paid without confirming, or ends that.

WeChat's own sheet asks the person; the page that opens it lies under ``/m/pay``.
"""

from __future__ import annotations

from aiohttp import web

from domain import payouts
from kernel.errors import DomainError
from kernel.web.render import render
from mall_h5.sharing import sign
from mall_h5.texts import TEXTS
from mall_h5.web import SignedIn, deps, signed_in

routes = web.RouteTableDef()
BACK, SHEET = "/m/d/withdraw", "/m/pay/grant"
SAID = {
    "refused": "微信暂时不能为您开启免确认收款，提现不受影响",
    "active": "已开启免确认收款",
}


@routes.post("/d/grant")
@signed_in
async def ask(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Request the authorisation from WeChat, then go to the page that opens its sheet."""
    using = deps(request)
    try:
        found = await payouts.request_grant(me.store, using.pay, using.payout_terms, me.id)
    except DomainError as refused:
        await me.flash(TEXTS.of(refused))
        raise web.HTTPSeeOther(BACK) from refused
    if found.state == "asked" and found.package_info:
        raise web.HTTPSeeOther(SHEET)
    await me.flash(SAID.get(found.state, "微信还没有答复，请稍后再开启"))
    raise web.HTTPSeeOther(BACK)


@routes.post("/d/grant/close")
@signed_in
async def close(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """End the authorisation; each later payout must be confirmed again."""
    using, by = deps(request), f"member:{me.id}"
    try:
        await payouts.close_grant(me.store, using.pay, using.payout_terms, me.id, by)
    except DomainError as refused:
        await me.flash(TEXTS.of(refused))
        raise web.HTTPSeeOther(BACK) from refused
    await me.flash("已关闭，之后的付款需要您确认收款")
    raise web.HTTPSeeOther(BACK)


@routes.get("/pay/grant")
@signed_in
async def sheet(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The page that opens WeChat's sheet for a waiting authorisation."""
    found = await me.read(payouts.grant_of, me.id)
    if found is None or found.state != "asked" or not found.package_info:
        raise web.HTTPFound(BACK)
    transfer = {
        "params": deps(request).pay.transfer_params(found.package_info),
        "check": f"{SHEET}/state",
        "cancelled": "您还没有同意，可随时继续。",
    }
    config = await sign(request, ("requestMerchantTransfer",))
    return render(request, "h5/seller/grant.html", transfer=transfer, jssdk=config)


@routes.get("/pay/grant/state")
@signed_in
async def state(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The state that the page polls after the sheet; WeChat's answer to the server decides."""
    found = await me.read(payouts.grant_of, me.id)
    if found is not None and found.state == "asked":
        await payouts.query_grant_at_intervals(me.store, deps(request).pay, found.id)
        found = await me.read(payouts.grant_of, me.id)
    if found is not None and found.state == "asked":
        return web.json_response({"state": "pending"})
    return web.json_response({"state": found.state if found else "none", "url": BACK})
