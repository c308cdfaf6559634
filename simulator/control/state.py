"""`/_sim`: tokens, counters, templates, the state as a whole, and its reset."""

from __future__ import annotations

import dataclasses
from typing import Any

from aiohttp import web

from simulator.account import templates
from simulator.control.clock import reading
from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError
from simulator.start import fill
from simulator.world import World

SECRETS = ("secret", "key", "token", "certificate")


def setup(app: web.Application) -> None:
    """Routes of the state."""
    add_routes(
        app,
        [
            ("POST", "/tokens", spoil_tokens),
            ("GET", "/counters", counters),
            ("POST", "/counters", counters),
            ("GET", "/templates", list_templates),
            ("POST", "/templates", add_template),
            ("GET", "/state", state),
            ("POST", "/reset", reset),
        ],
    )


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
    return {"counts": counts, "settings": shown, **reading(sim)}


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
