"""The simulator's own pages: the desk, the phones' screens, scripts, and codes on the desk."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from aiohttp import web

from simulator import hosts
from simulator.sim import SIM
from simulator.web.mapping import Mapping
from simulator.web.webview import user_agent

STATIC = Path(__file__).parent / "static"
CODES = web.AppKey("desk_codes", list[dict[str, str]])
BRIDGE = ("sdk/memory.js", "sdk/sheets.js", "sdk/bridge.js")
MAX_CODES = 50
MAX_CODE_LENGTH = 2048


def setup(app: web.Application) -> None:
    """Routes of the pages."""
    app[CODES] = []
    app.router.add_get("/", desk)
    app.router.add_get("/phone/{phone}", own_window)
    app.router.add_get("/_phone/", screen)
    app.router.add_get("/_phone/config", config)
    app.router.add_get("/_phone/codes", list_codes)
    app.router.add_post("/_phone/codes", add_code)
    app.router.add_delete("/_phone/codes", clear_codes)
    for version in ("1.6.0", "1.6.2"):
        app.router.add_get(f"/open/js/jweixin-{version}.js", jssdk)
    app.router.add_get("/_phone/bridge.js", bridge)
    app.router.add_static("/_phone/static/", STATIC)
    app.on_response_prepare.append(_always_fresh)


async def _always_fresh(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith("/_phone/"):
        response.headers["Cache-Control"] = "no-cache"


def _joined(names: tuple[str, ...]) -> web.Response:
    text = "\n".join((STATIC / name).read_text("utf-8") for name in names)
    headers = {"Cache-Control": "no-cache"}
    return web.Response(text=text, content_type="text/javascript", headers=headers)


def _file(name: str) -> web.Response:
    text = (STATIC / name).read_text("utf-8")
    headers = {"Cache-Control": "no-cache"}
    return web.Response(text=text, content_type="text/html", headers=headers)


async def desk(request: web.Request) -> web.StreamResponse:
    """The desk with all phones."""
    return _file("desk.html")


async def own_window(request: web.Request) -> web.StreamResponse:
    """A phone in a window of its own, on the phone's own origin."""
    phone = request.match_info["phone"]
    if phone not in request.app[SIM].world.phones:
        raise web.HTTPNotFound(text=f"没有编号为 {phone} 的手机")
    _, colon, port = request.host.partition(":")
    raise web.HTTPFound(f"{request.scheme}://{phone}.localhost{colon}{port}/_phone/")


async def screen(request: web.Request) -> web.StreamResponse:
    """A phone's screen, on that phone's origin only, because it shares it with the webview."""
    if hosts.label_of(request.host) not in request.app[SIM].world.phones:
        raise web.HTTPNotFound(text="没有这台手机")
    return _file("phone.html")


async def jssdk(request: web.Request) -> web.StreamResponse:
    """The JS-SDK (jweixin) that pages load."""
    return _joined((*BRIDGE, "sdk/wx.js", "sdk/tags.js"))


async def bridge(request: web.Request) -> web.StreamResponse:
    """The script that WeChat's app adds to every page: WeixinJSBridge, without `wx`."""
    return _joined(BRIDGE)


async def config(request: web.Request) -> web.StreamResponse:
    """The settings that the screens and the desk need, without keys and secrets."""
    sim = request.app[SIM]
    phone = hosts.label_of(request.host)
    mapping = Mapping(sim, request, phone or "x")
    facts: dict[str, Any] = {
        "phone": phone,
        "account": sim.settings.account_name,
        "original_id": sim.settings.original_id,
        "merchant": sim.settings.merchant_name,
        "app": mapping.app,
        "simulator": mapping.simulator,
    }
    if phone:
        facts |= {"origin": mapping.phone, "user_agent": user_agent(phone)}
    return web.json_response(facts)


async def list_codes(request: web.Request) -> web.StreamResponse:
    """The codes on the desk, newest first, then the account's scene codes."""
    sim = request.app[SIM]
    now = sim.clock.now()
    live = [t for t in sim.world.tickets.values() if t.expires_at is None or t.expires_at > now]
    scenes = [
        {"text": ticket.url, "name": f"公众号二维码 · {ticket.scene()}", "kind": "scene"}
        for ticket in sorted(live, key=lambda t: -t.made_at)[:12]
    ]
    return web.json_response({"codes": [*request.app[CODES], *scenes]})


async def add_code(request: web.Request) -> web.StreamResponse:
    """Put a code on the desk; every phone can scan it there."""
    data = await request.json()
    text = str(data.get("text") or "").strip()
    if not text or len(text) > MAX_CODE_LENGTH:
        error = {"code": "bad_request", "message": "text is required"}
        return web.json_response({"error": error}, status=400)
    codes = request.app[CODES]
    codes[:] = [code for code in codes if code["text"] != text]
    name = str(data.get("name") or time.strftime("码 %H:%M:%S"))[:60]
    codes.insert(0, {"text": text, "name": name, "kind": "desk"})
    del codes[MAX_CODES:]
    return web.json_response(codes[0], status=201)


async def clear_codes(request: web.Request) -> web.StreamResponse:
    """Remove all codes from the desk, or one with `?text=`."""
    codes = request.app[CODES]
    text = request.query.get("text")
    kept = [code for code in codes if text is not None and code["text"] != text]
    cleared = len(codes) - len(kept)
    codes[:] = kept
    return web.json_response({"cleared": cleared})
