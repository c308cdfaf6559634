"""The content of a new world: people, templates and register of the settings."""

from __future__ import annotations

from simulator.account import templates
from simulator.people import phones
from simulator.sim import Sim


def fill(sim: Sim) -> None:
    """Add the people and templates of the settings that the world lacks."""
    for data in sim.settings.phones:
        if data.get("id") not in sim.world.phones:
            phone = phones.add(sim, data)
            if data.get("following"):
                phone.is_following = True
                phone.followed_at = sim.clock.now()
    for number, name in sim.settings.identities.items():
        sim.world.identities.setdefault(number, name)
    for data in sim.settings.templates:
        if data.get("id") not in sim.world.templates:
            templates.add(sim, data)
