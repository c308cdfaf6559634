"""`/_sim/faults`: arm, list and disarm faults."""

from __future__ import annotations

import dataclasses
from typing import Any

from aiohttp import web

from simulator import faults
from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError, SimMissing
from simulator.world import Fault


def setup(app: web.Application) -> None:
    """Routes of faults."""
    add_routes(
        app,
        [
            ("GET", "/faults", list_faults),
            ("POST", "/faults", add_fault),
            ("DELETE", "/faults", clear_faults),
            ("DELETE", "/faults/{fault}", clear_faults),
        ],
    )


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
