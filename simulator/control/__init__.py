"""`/_sim/…`: controls people, money, keys, clock and faults by JSON (see API.md)."""

from __future__ import annotations

from aiohttp import web

from simulator.control import (
    clock,
    faults,
    identities,
    keys,
    pay,
    people,
    plans,
    pushes,
    share,
    state,
)
from simulator.sim import Sim


def setup(app: web.Application, _sim: Sim) -> None:
    """Add every call of `/_sim`."""
    for part in (people, pay, share, clock, faults, pushes, state, plans, keys, identities):
        part.setup(app)
