"""`/_sim/identities`: who stands in the register of the provider of identity checks."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError
from simulator.identity import is_number


def setup(app: web.Application) -> None:
    """Routes of the register."""
    add_routes(app, [("GET", "/identities", show), ("POST", "/identities", add)])


async def show(ask: Ask) -> dict[str, Any]:
    """Names by number."""
    return {"identities": ask.sim.world.identities}


async def add(ask: Ask) -> tuple[int, dict[str, Any]]:
    """Enter a person, or give a number another name."""
    number, name = ask.body.get("number"), ask.body.get("name")
    if not isinstance(number, str) or not isinstance(name, str) or not name:
        raise SimError("give number and name")
    if not is_number(number):
        raise SimError("the number's check character is wrong")
    ask.sim.world.identities[number] = name
    return 201, {"number": number, "name": name}
