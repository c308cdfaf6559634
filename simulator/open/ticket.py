"""JS-SDK (JS 接口): the ticket, and the check of a page's wx.config."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from simulator import hosts
from simulator.account import gate
from simulator.account.gate import Call
from simulator.crypto import same
from simulator.errors import WxError
from simulator.ids import random_id
from simulator.sim import Sim

LIFE_S = 7200


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of the JS-SDK ticket."""
    gate.add_routes(app, sim, [("GET", "/cgi-bin/ticket/getticket", get_ticket)])


TICKETS = {"jsapi": "jsapi_ticket", "wx_card": "card_ticket"}


async def get_ticket(call: Call) -> dict[str, Any]:
    """The ticket for pages or for cards (two different ones); the same until it expires."""
    name = TICKETS.get(call.query.get("type", ""))
    if name is None:
        raise WxError(40035)
    world, now = call.sim.world, call.sim.clock.now()
    if getattr(world, f"{name}_expires_at") <= now + 60:
        setattr(world, name, random_id(86))
        setattr(world, f"{name}_expires_at", now + LIFE_S)
    return {
        "errcode": 0,
        "errmsg": "ok",
        "ticket": getattr(world, name),
        "expires_in": int(getattr(world, f"{name}_expires_at") - now),
    }


def config_result(sim: Sim, data: dict[str, Any]) -> str:
    """The result of wx.config for a page: ok, invalid signature or invalid url domain."""
    url = hosts.to_app_url(sim, str(data.get("url", "")).partition("#")[0])
    domains = sim.settings.js_domains or [sim.settings.app_domain()]
    if data.get("appId") != sim.settings.appid:
        return "config:invalid appId"
    if urlsplit(url).netloc not in domains:
        return "config:invalid url domain"
    world = sim.world
    if not world.jsapi_ticket or world.jsapi_ticket_expires_at <= sim.clock.now():
        return "config:invalid signature"
    text = (
        f"jsapi_ticket={world.jsapi_ticket}&noncestr={data.get('nonceStr', '')}"
        f"&timestamp={data.get('timestamp', '')}&url={url}"
    )
    expected = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    is_right = same(expected, str(data.get("signature", "")))
    return "config:ok" if is_right else "config:invalid signature"
