"""`/_sim`: the clock, and waiting until no work is under way."""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp import web

from simulator.clock import iso
from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError
from simulator.sim import Sim


def setup(app: web.Application) -> None:
    """Routes of the clock."""
    add_routes(
        app,
        [
            ("GET", "/clock", show_clock),
            ("POST", "/clock", move_clock),
            ("POST", "/idle", idle),
        ],
    )


def reading(sim: Sim) -> dict[str, Any]:
    """The simulated time, and how far it was moved."""
    return {"now": iso(sim.clock.now()), "offset_seconds": sim.world.clock_offset_s}


async def show_clock(ask: Ask) -> dict[str, Any]:
    """The simulated time."""
    return reading(ask.sim)


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
    return reading(sim) | {"fired": fired}


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


async def idle(ask: Ask) -> dict[str, Any]:
    """Wait until no work is running."""
    left = await ask.sim.idle(min(float(ask.body.get("timeout_s", 5)), 60))
    return {"idle": not left, "pending": left}
