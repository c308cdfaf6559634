"""`/_sim/keys`: changes between platform certificates and the public key, and rotations.

`POST /_sim/keys {"phase": "certificate" | "switching" | "public_key"}` enters a phase (see
`pay.keyring`). `{"rotate": {"old_ends_in_s": 864000}}` issues a new certificate; the older ones
expire after that time. `{"signs": "old" | "new" | ""}` chooses which of two certificates signs
where no request chose one ("": by time). `POST /_sim/notify {"by": …}` sets the key that signs
notifications.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError
from simulator.pay import keyring

WISHES = {"phase", "rotate", "signs"}


def setup(app: web.Application) -> None:
    """Routes of the keys."""
    add_routes(app, [("GET", "/keys", show), ("POST", "/keys", change)])


async def show(ask: Ask) -> dict[str, Any]:
    """The phase, the shares and the certificates in force."""
    return keyring.show(ask.sim)


async def change(ask: Ask) -> dict[str, Any]:
    """Enter a phase, issue a certificate, or choose the signing certificate."""
    sim, body = ask.sim, ask.body
    if not body or set(body) - WISHES:
        raise SimError(f"give {', '.join(sorted(WISHES))}")
    if "phase" in body:
        keyring.enter(sim, str(body["phase"]))
    if "rotate" in body:
        wanted = body["rotate"] or {}
        keyring.rotate(sim, float(wanted.get("old_ends_in_s", keyring.BOTH_S)))
    if "signs" in body:
        if body["signs"] not in ("old", "new", ""):
            raise SimError("signs must be old, new or empty")
        sim.world.platform_signs = body["signs"]
    return keyring.show(sim)
