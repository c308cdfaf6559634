"""`/_sim`: people, their chats, and their acts towards the account."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from simulator import chat
from simulator.account.media import store
from simulator.account.menu import menu_of
from simulator.control.gate import Ask, add_routes, upload, upload_media
from simulator.errors import SimError, SimMissing
from simulator.open import oauth, pages
from simulator.open.ticket import config_result
from simulator.pay import cashier
from simulator.people import acts, phones
from simulator.people.avatar import draw
from simulator.sim import Sim
from simulator.world import Phone

EDITABLE: dict[str, type] = {
    "name": str,
    "nickname": str,
    "avatar": str,
    "real_name": str,
    "wallet_fen": int,
    "blocks_templates": bool,
}


def setup(app: web.Application) -> None:
    """Routes of people."""
    one = "/phones/{phone}"
    add_routes(
        app,
        [
            ("GET", "/phones", list_phones),
            ("POST", "/phones", create),
            ("GET", one, show),
            ("PATCH", one, edit),
            ("GET", one + "/avatar", avatar),
            ("POST", one + "/follow", lambda a: acts.follow(a.sim, a.phone, a.body)),
            ("POST", one + "/unfollow", lambda a: acts.unfollow(a.sim, a.phone, a.body)),
            ("POST", one + "/text", lambda a: acts.say(a.sim, a.phone, a.body)),
            ("POST", one + "/picture", lambda a: send_media(a, "image")),
            ("POST", one + "/voice", lambda a: send_media(a, "voice")),
            ("POST", one + "/video", lambda a: send_media(a, "video")),
            ("POST", one + "/location", lambda a: acts.send_location(a.sim, a.phone, a.body)),
            ("POST", one + "/link", lambda a: acts.send_link(a.sim, a.phone, a.body)),
            ("GET", one + "/menu", menu),
            ("POST", one + "/menu", lambda a: acts.tap_menu(a.sim, a.phone, a.body)),
            ("POST", one + "/scan", lambda a: scan(a.sim, a.phone, a.body)),
            ("POST", one + "/subscribe", lambda a: acts.answer_notices(a.sim, a.phone, a.body)),
            ("POST", one + "/refuse", refuse),
            ("GET", one + "/chat", lambda a: box(a, "chat")),
            ("GET", one + "/services", lambda a: box(a, "services")),
            ("GET", one + "/friends", lambda a: box(a, "friends")),
            ("POST", one + "/oauth", sign_in),
            ("POST", one + "/js/config", js_config),
            ("POST", one + "/js/upload", js_upload),
            ("GET", one + "/events", events),
        ],
    )


async def list_phones(ask: Ask) -> dict[str, Any]:
    """All people."""
    return {"phones": [phones.phone_json(p) for p in ask.sim.world.phones.values()]}


async def create(ask: Ask) -> tuple[int, dict[str, Any]]:
    """Create a person."""
    return 201, phones.phone_json(phones.add(ask.sim, ask.body))


async def show(ask: Ask) -> dict[str, Any]:
    """One person."""
    return phones.phone_json(ask.phone)


async def edit(ask: Ask) -> dict[str, Any]:
    """Change a person's own data."""
    phone = ask.phone
    for name, value in ask.body.items():
        kind = EDITABLE.get(name)
        if kind is None or not isinstance(value, kind) or (kind is int and value is True):
            raise SimError(f"{name} cannot be set to this")
        setattr(phone, name, value)
    phones.changed(ask.sim, phone)
    return phones.phone_json(phone)


async def avatar(ask: Ask) -> web.StreamResponse:
    """The person's picture; if none was set, a drawn one."""
    phone = ask.phone
    if phone.avatar:
        return web.Response(status=302, headers={"Location": phone.avatar})
    return web.Response(body=draw(phone.id), content_type="image/png")


async def send_media(ask: Ask, kind: str) -> dict[str, Any]:
    """Send a picture, a voice message or a video."""
    phone = ask.phone
    phones.need_follower(phone)
    return await acts.send_media(ask.sim, phone, await upload_media(ask, kind))


async def menu(ask: Ask) -> dict[str, Any]:
    """The menu that the phone shows."""
    return menu_of(ask.sim, ask.phone)


async def refuse(ask: Ask) -> dict[str, Any]:
    """Withdraw the accepts of one notice."""
    return await acts.refuse_notices(ask.sim, ask.phone, str(ask.body["template_id"]))


async def scan(sim: Sim, phone: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """扫一扫: scan a code; the result depends on the code's text."""
    content = str(data.get("content") or "").strip()
    if not content:
        raise SimError("content is required")
    if ticket := acts.find_ticket(sim, content):
        return await acts.scan_scene(sim, phone, ticket, follows=bool(data.get("follow", True)))
    if content.startswith("weixin://wxpay/"):
        order = cashier.find(sim, {"code_url": content})
        return {"kind": "pay", "order": cashier.sheet(sim, phone, order)}
    if content.startswith("http://weixin.qq.com/q/"):
        raise SimMissing("this scene code is unknown or has expired")
    if urlsplit(content).scheme in ("http", "https"):
        return {"kind": "page", "url": content}
    return {"kind": "text", "text": content}


async def box(ask: Ask, name: str) -> dict[str, Any]:
    """The messages of one box after a number."""
    after, via = int(ask.number("after", 0)), ask.request.query.get("via")
    messages = [
        m for m in getattr(ask.phone, name) if m.id > after and (via is None or m.via == via)
    ]
    last_id = messages[-1].id if messages else after
    return {"messages": [chat.message_json(m) for m in messages], "last_id": last_id}


# --- pages -------------------------------------------------------------------------------
async def sign_in(ask: Ask) -> dict[str, Any]:
    """Open an authorize URL on this phone; returns the redirect."""
    url, decision = str(ask.body.get("url", "")), str(ask.body.get("decision", "allow"))
    if urlsplit(url).path.endswith("/mp/subscribemsg"):
        accepts = decision == "allow"
        return pages.answer_once(ask.sim, ask.phone, url, accepts=accepts)
    asked = oauth.read_authorize(ask.sim, url)
    return oauth.grant(ask.sim, ask.phone, asked, decision)


async def js_config(ask: Ask) -> dict[str, Any]:
    """The result of wx.config on this phone."""
    return {"errMsg": config_result(ask.sim, ask.body), "phone": ask.phone.id}


async def js_upload(ask: Ask) -> dict[str, Any]:
    """wx.uploadImage: store the picture as temporary media."""
    filename, content_type, data = await upload(ask)
    media = store(ask.sim, "image", filename, content_type, data)
    return {"serverId": media.id}


# --- live --------------------------------------------------------------------------------
async def events(ask: Ask) -> Any:
    """The phone's stream: server-sent events, or one answer to a long poll."""
    phone, hub = ask.phone, ask.sim.hub
    after = int(ask.number("after", hub.seq if "poll" not in ask.request.query else 0))
    after = min(int(ask.request.headers.get("Last-Event-ID") or after), hub.seq)
    if "poll" in ask.request.query:
        found = await hub.wait(phone.id, after, min(ask.number("timeout_s", 20), 60))
        return {"seq": found[-1]["seq"] if found else after, "events": found}
    return await _stream(ask, phone, after)


async def _stream(ask: Ask, phone: Phone, after: int) -> web.StreamResponse:
    hub = ask.sim.hub
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(ask.request)
    await response.write(b": ready\n\n")
    try:
        while not hub.is_closed:
            found = await hub.wait(phone.id, after, 15)
            lines = [
                f"id: {e['seq']}\ndata: {json.dumps(e, ensure_ascii=False)}\n\n" for e in found
            ]
            await response.write("".join(lines).encode() or b": still here\n\n")
            after = found[-1]["seq"] if found else after
    except (ConnectionError, asyncio.CancelledError):
        return response
    return response
