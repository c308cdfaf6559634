"""`/_sim`: pushes to the shop, the address they go to, and Pay's notifications."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.account import console, push
from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError, SimMissing
from simulator.pay import notify
from simulator.people import acts, phones

MODES = ("plain", "compatible", "safe")


def setup(app: web.Application) -> None:
    """Routes of pushes and notifications."""
    add_routes(
        app,
        [
            ("GET", "/pushes", pushes),
            ("GET", "/push", show_push),
            ("POST", "/push", set_push),
            ("POST", "/push/raw", push_raw),
            ("POST", "/connect", connect),
            ("GET", "/notifications", notifications),
            ("POST", "/notifications/{notification}/send", send_again),
            ("POST", "/notify", set_notify),
        ],
    )


async def pushes(ask: Ask) -> dict[str, Any]:
    """The pushes to the shop and their results."""
    after = int(ask.number("after", 0))
    return {"pushes": [push.record_json(r) for r in ask.sim.world.pushes if r.id > after]}


async def show_push(ask: Ask) -> dict[str, Any]:
    """The mode and the address of pushes."""
    settings = ask.sim.settings
    return {
        "mode": ask.sim.world.mode or settings.mode,
        "app_base_url": settings.app_base_url,
        "push_path": settings.push_path,
        "time_scale": settings.time_scale,
    }


async def set_push(ask: Ask) -> dict[str, Any]:
    """Change the mode, the shop's address or the time scale."""
    settings, body = ask.sim.settings, ask.body
    if "mode" in body:
        if body["mode"] not in MODES:
            raise SimError("mode must be plain, compatible or safe")
        ask.sim.world.mode = body["mode"]
    if "app_base_url" in body:
        await console.connect(ask.sim, str(body["app_base_url"]))
    settings.time_scale = float(body.get("time_scale", settings.time_scale))
    settings.previous_aes_key = str(body.get("previous_aes_key", settings.previous_aes_key))
    return await show_push(ask)


async def connect(ask: Ask) -> dict[str, Any]:
    """Save the server address as in the account's console; it must pass the URL check."""
    base = await console.connect(ask.sim, str(ask.body.get("app_base_url", "")))
    return {"connected": True, "app_base_url": base, "push_path": ask.sim.settings.push_path}


async def push_raw(ask: Ask) -> dict[str, Any]:
    """Push any message or event."""
    fields = ask.body.get("fields")
    if not isinstance(fields, dict) or not fields.get("MsgType"):
        raise SimError("fields with MsgType are required")
    phone = phones.get_or_raise(ask.sim, str(ask.body.get("phone", "")))
    wait = bool(ask.body.get("wait", True))
    return await acts.pushed(ask.sim, phone, fields, None, wait=wait)


async def notifications(ask: Ask) -> dict[str, Any]:
    """Every Pay notification with its tries."""
    found = ask.sim.world.notifications
    return {"notifications": [notify.notification_json(n) for n in found]}


async def send_again(ask: Ask) -> dict[str, Any]:
    """Send one Pay notification again; WeChat too sometimes sends one twice."""
    found = notify.find(ask.sim, ask.request.match_info["notification"])
    if found is None:
        raise SimMissing("no such notification")
    await notify.attempt(ask.sim, found)
    return {"notification": notify.notification_json(found)}


async def set_notify(ask: Ask) -> dict[str, Any]:
    """Set which key signs notifications, and how often a probe with a wrong signature precedes."""
    world, body = ask.sim.world, ask.body
    if "by" in body:
        if body["by"] not in ("public_key", "certificate"):
            raise SimError("by must be public_key or certificate")
        world.notify_by = body["by"]
    world.signtest_percent = int(body.get("signtest_percent", world.signtest_percent))
    by = world.notify_by or ask.sim.settings.notify_by
    return {"by": by, "signtest_percent": world.signtest_percent}
