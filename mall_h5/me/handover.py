"""扫码续购: a QR code in an outside browser, scanned in WeChat, brings that browser's cart."""

from __future__ import annotations

import io
import re

import segno
from aiohttp import web

from domain import cart, members
from kernel.web.keys import CONFIG
from kernel.web.sessions import browser
from mall_h5.web import SignedIn, flash, read, signed_in

routes = web.RouteTableDef()
_TOKEN = re.compile(r"[0-9A-Za-z_-]{16,40}")


@routes.get("/handover/{token}")
@signed_in
async def take(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Take over the cart of the browser that showed the code, and go on to its page."""
    token = request.match_info["token"]
    outside_id, next_path = await me.write(members.use_handover, token, me.id)
    await me.write(cart.merge, cart.session_owner(outside_id), cart.member_owner(me.id))
    await me.flash("已带入您在浏览器里选的商品")
    raise web.HTTPFound(next_path)


@routes.get("/handover/{token}/code.svg")
async def code(request: web.Request) -> web.StreamResponse:
    """The picture of the QR code."""
    token = request.match_info["token"]
    if not _TOKEN.fullmatch(token):
        raise web.HTTPNotFound
    url = f"{request.config_dict[CONFIG].public_url}/m/handover/{token}"
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="svg", scale=6, border=2)
    return web.Response(body=out.getvalue(), content_type="image/svg+xml")


@routes.get("/whoami")
async def handover_state(request: web.Request) -> web.StreamResponse:
    """Polled by the outside page: was its code used? If so, leaves a message for the next page."""
    info = browser(request).info
    if info is None or not await read(request, members.is_handed_over, info.id):
        return web.json_response({"state": "pending"})
    await flash(request, "已在微信中继续，您选的商品已带过去")
    return web.json_response({"state": "taken", "url": "/m/"})
