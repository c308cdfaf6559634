"""Scene QR codes (带参数二维码), their pictures, and short keys."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import unquote

import segno
from aiohttp import web
from PIL import Image

from simulator.account import gate
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.ids import random_id
from simulator.sim import SIM, Sim
from simulator.world import SceneTicket, Short

MAX_EXPIRE_S = 2_592_000
MAX_PERMANENT = 100_000
ACTIONS = {
    "QR_SCENE": ("id", False),
    "QR_STR_SCENE": ("str", False),
    "QR_LIMIT_SCENE": ("id", True),
    "QR_LIMIT_STR_SCENE": ("str", True),
}
BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of scene codes and short keys."""
    gate.add_routes(
        app,
        sim,
        [
            ("POST", "/cgi-bin/qrcode/create", create),
            ("POST", "/cgi-bin/shorten/gen", shorten),
            ("POST", "/cgi-bin/shorten/fetch", fetch_short),
            ("POST", "/cgi-bin/shorturl", dead_shorturl),
        ],
    )
    app.router.add_get("/cgi-bin/showqrcode", show)


async def create(call: Call) -> dict[str, Any]:
    """Make a scene code: temporary (at most 30 days) or permanent (at most 100 000)."""
    action = ACTIONS.get(str(call.body.get("action_name")))
    if action is None:
        raise WxError(40052)
    kind, is_permanent = action
    scene = call.need("action_info", dict, 40053).get("scene")
    scene_id, scene_str = _scene(scene, kind, is_permanent=is_permanent)
    sim = call.sim
    expires_at = None
    seconds = 0
    if is_permanent:
        _check_pool(sim)
    else:
        seconds = call.body.get("expire_seconds", 30)
        if not isinstance(seconds, int) or not 1 <= seconds <= MAX_EXPIRE_S:
            raise WxError(40035)
        expires_at = sim.clock.now() + seconds
    ticket = SceneTicket(
        ticket="gQ" + random_id(94),
        url=f"http://weixin.qq.com/q/{random_id(20)}",
        scene_id=scene_id,
        scene_str=scene_str,
        made_at=sim.clock.now(),
        expires_at=expires_at,
    )
    sim.world.tickets[ticket.ticket] = ticket
    answer: dict[str, Any] = {"ticket": ticket.ticket, "url": ticket.url}
    return answer if is_permanent else answer | {"expire_seconds": seconds}


def _check_pool(sim: Sim) -> None:
    used = sum(t.expires_at is None for t in sim.world.tickets.values())
    if used >= MAX_PERMANENT:
        raise WxError(45009)


def _scene(scene: Any, kind: str, *, is_permanent: bool) -> tuple[int, str]:
    if not isinstance(scene, dict):
        raise WxError(40053)
    if kind == "str":
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise WxError(40053, "scene_str")
        return 0, text
    number = scene.get("scene_id")
    limit = 100_000 if is_permanent else 2**32 - 1
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= limit:
        raise WxError(40053, "scene_id")
    return number, ""


async def show(request: web.Request) -> web.Response:
    """The picture of a scene code; 404 for an unknown ticket."""
    sim = request.app[SIM]
    raw = request.query.get("ticket", "")
    ticket = sim.world.tickets.get(raw) or sim.world.tickets.get(unquote(raw))
    if ticket is None or (ticket.expires_at and ticket.expires_at <= sim.clock.now()):
        raise web.HTTPNotFound
    return web.Response(body=qr_picture(ticket.url), content_type="image/jpg")


def qr_picture(text: str, scale: int = 10, kind: str = "JPEG") -> bytes:
    """A QR code of the text with its quiet zone, as picture bytes."""
    matrix = segno.make(text, error="m", micro=False).matrix_iter(scale=scale, border=4)
    rows = [bytes(0 if dark else 255 for dark in row) for row in matrix]
    picture = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    out = io.BytesIO()
    picture.save(out, kind, quality=92)
    return out.getvalue()


# --- short keys --------------------------------------------------------------------------
async def shorten(call: Call) -> dict[str, Any]:
    """Make a key of 15 characters for up to 4 KB of text, valid for at most 30 days."""
    data = call.body.get("long_data")
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= 4096:
        raise WxError(9410010)
    seconds = call.body.get("expire_seconds", MAX_EXPIRE_S)
    if not isinstance(seconds, int) or not 1 <= seconds <= MAX_EXPIRE_S:
        raise WxError(9410012)
    now = call.sim.clock.now()
    short = Short(random_id(15, BASE62), data, now, now + seconds)
    call.sim.world.shorts[short.key] = short
    return {"errcode": 0, "errmsg": "ok", "short_key": short.key}


async def fetch_short(call: Call) -> dict[str, Any]:
    """The text that a short key stands for."""
    short = call.sim.world.shorts.get(str(call.body.get("short_key")))
    now = call.sim.clock.now()
    if short is None or short.expires_at <= now:
        raise WxError(9410011)
    return {
        "errcode": 0,
        "errmsg": "ok",
        "long_data": short.long_data,
        "create_time": int(short.made_at),
        "expire_seconds": int(short.expires_at - now),
    }


async def dead_shorturl(call: Call) -> dict[str, Any]:
    """shorturl, withdrawn by WeChat in 2021: returns the long address unchanged."""
    return {"errcode": 0, "errmsg": "ok", "short_url": call.body.get("long_url", "")}
