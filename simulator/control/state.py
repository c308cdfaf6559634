"""`/_sim`: the clock, faults, pushes, notifications, counters, templates, state and reset."""

from __future__ import annotations

import dataclasses
from typing import Any

import aiohttp
from aiohttp import web

from simulator import faults
from simulator.account import console, push, templates
from simulator.clock import iso
from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError, SimMissing
from simulator.pay import notify
from simulator.people import acts, phones
from simulator.sim import Sim
from simulator.start import fill
from simulator.world import Fault, World

MODES = ("plain", "compatible", "safe")
SECRETS = ("secret", "key", "token", "certificate")


def setup(app: web.Application) -> None:
    """Routes of control."""
    add_routes(
        app,
        [
            ("GET", "/clock", show_clock),
            ("POST", "/clock", move_clock),
            ("GET", "/faults", list_faults),
            ("POST", "/faults", add_fault),
            ("DELETE", "/faults", clear_faults),
            ("DELETE", "/faults/{fault}", clear_faults),
            ("POST", "/idle", idle),
            ("GET", "/pushes", pushes),
            ("GET", "/push", show_push),
            ("POST", "/push", set_push),
            ("POST", "/push/raw", push_raw),
            ("POST", "/connect", connect),
            ("GET", "/notifications", notifications),
            ("POST", "/notifications/{notification}/send", send_again),
            ("POST", "/notify", set_notify),
            ("POST", "/tokens", spoil_tokens),
            ("GET", "/counters", counters),
            ("POST", "/counters", counters),
            ("GET", "/templates", list_templates),
            ("POST", "/templates", add_template),
            ("GET", "/state", state),
            ("POST", "/reset", reset),
        ],
    )


# --- clock -------------------------------------------------------------------------------
def _clock(sim: Sim) -> dict[str, Any]:
    return {"now": iso(sim.clock.now()), "offset_seconds": sim.world.clock_offset_s}


async def show_clock(ask: Ask) -> dict[str, Any]:
    """The simulated time."""
    return _clock(ask.sim)


async def move_clock(ask: Ask) -> dict[str, Any]:
    """Move the time; work that becomes due is done before the answer."""
    sim, body = ask.sim, ask.body
    if "offset_seconds" in body:
        offset_s = float(body["offset_seconds"])
    else:
        offset_s = sim.world.clock_offset_s + float(body["advance_seconds"])
    sim.world.clock_offset_s = offset_s
    if body.get("notify_app", True) and sim.settings.clock_url:
        await _tell_app(sim, offset_s)
    fired = await sim.scheduler.fire()
    await sim.idle(0.0 if not fired else sim.settings.notify_timeout_s)
    for key in sim.world.phones:
        sim.hub.publish(key, "clock", offset_seconds=offset_s)
    return _clock(sim) | {"fired": fired}


async def _tell_app(sim: Sim, offset_s: float) -> None:
    assert sim.session is not None
    try:
        async with sim.session.post(
            sim.settings.clock_url, json={"offset_seconds": offset_s}
        ) as response:
            if response.status >= 400:
                raise SimError(f"the shop refused the clock: {response.status}")
    except aiohttp.ClientError as error:
        raise SimError(f"the shop's clock cannot be reached: {error}") from error


# --- faults ------------------------------------------------------------------------------
def _fault(fault: Fault) -> dict[str, Any]:
    return dataclasses.asdict(fault)


async def list_faults(ask: Ask) -> dict[str, Any]:
    """Every armed fault, with the number of calls that it has affected."""
    return {"faults": [_fault(f) for f in ask.sim.world.faults]}


async def add_fault(ask: Ask) -> tuple[int, dict[str, Any]]:
    """Arm a fault."""
    match, action = ask.body.get("match"), ask.body.get("action")
    if not isinstance(match, dict) or not isinstance(action, dict):
        raise SimError("match and action are required objects")
    count = ask.body.get("count", 1)
    if count is not None and (not isinstance(count, int) or count < 1):
        raise SimError("count must be a positive number or null")
    return 201, _fault(faults.add(ask.sim.world, match, action, count))


async def clear_faults(ask: Ask) -> dict[str, Any]:
    """Disarm one fault, or all of them."""
    wanted = ask.request.match_info.get("fault")
    before = ask.sim.world.faults
    kept = [f for f in before if wanted is not None and str(f.id) != wanted]
    if wanted is not None and len(kept) == len(before):
        raise SimMissing("no such fault")
    ask.sim.world.faults = kept
    return {"cleared": len(before) - len(kept)}


async def idle(ask: Ask) -> dict[str, Any]:
    """Wait until no work is running."""
    left = await ask.sim.idle(min(float(ask.body.get("timeout_s", 5)), 60))
    return {"idle": not left, "pending": left}


# --- pushes ------------------------------------------------------------------------------
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


# --- the rest ----------------------------------------------------------------------------
async def spoil_tokens(ask: Ask) -> dict[str, Any]:
    """Make every access token expired (42001) or replaced (40001) from now on."""
    action, tokens = ask.body.get("action"), ask.sim.world.tokens.values()
    if action not in ("expire", "kill"):
        raise SimError("action must be expire or kill")
    for token in tokens:
        if action == "expire":
            token.expires_at = ask.sim.clock.now()
        else:
            token.dead_at = 0
    return {"tokens": len(tokens)}


async def counters(ask: Ask) -> dict[str, Any]:
    """Read or set the counters of quotas."""
    day, known = ask.sim.clock.day(), ask.sim.world.counters
    for name, value in ask.body.items():
        known[name.replace("day:", f"{day}:", 1) if name.startswith("day:") else name] = int(value)
    return dict(known)


async def list_templates(ask: Ask) -> dict[str, Any]:
    """The account's templates and notices, and the public library."""
    mine = [dataclasses.asdict(t) for t in ask.sim.world.templates.values()]
    library = {k: {"title": t, "keywords": w} for k, (t, w) in templates.LIBRARY.items()}
    return {"templates": mine, "library": library}


async def add_template(ask: Ask) -> tuple[int, dict[str, Any]]:
    """Add a template or a notice to the account."""
    return 201, dataclasses.asdict(templates.add(ask.sim, ask.body))


async def state(ask: Ask) -> dict[str, Any]:
    """The number of objects of each kind, and the settings without secrets."""
    sim = ask.sim
    shown = {
        name: value
        for name, value in dataclasses.asdict(sim.settings).items()
        if not any(word in name for word in SECRETS) or name == "public_key_id"
    }
    counts = {
        name: len(value)
        for name, value in vars(sim.world).items()
        if isinstance(value, list | dict)
    }
    return {"counts": counts, "settings": shown, **_clock(sim)}


async def reset(ask: Ask) -> dict[str, Any]:
    """Replace the world by an empty one with the people of the settings."""
    sim = ask.sim
    fresh = World(fund_fen=sim.settings.initial_fund_fen)
    vars(sim.world).update(vars(fresh))
    sim.files.clear()
    sim.bills.clear()
    sim.holds.clear()
    fill(sim)
    for key in sim.world.phones:
        sim.hub.publish(key, "reset")
    return {}
