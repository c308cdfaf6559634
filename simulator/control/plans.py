"""`/_sim/plans` and `/_sim/holds`: plan what happens to each of the next calls to one address.

`POST /_sim/plans {"match": …, "steps": [step, …]}`: the first call that meets the match takes the
first step, the next call the second, and so on. After the last step calls run as usual. `match` is
that of `/_sim/faults` (`kind`, `method`, `path` as a prefix or `path_is` as the whole path). The
fields of a step, in the order in which they act:

- `before_effect_s` (seconds) or `hold_before_effect` (a label): what the call waits for first;
- `effect`: false leaves the call without effect (default true);
- `before_answer_s` or `hold_before_answer`: what the answer waits for;
- `answer`: replaces the true answer: `{"status", "code", "message"}` for Pay v3,
  `{"errcode", "errmsg"}` for the API host, `{"status", "body"}` for any signed answer (body null:
  an empty one), `{"drop": true}` or `{"garbage": true}`.

An empty step lets a call run as usual. A call continues after its caller has hung up: one that is
held beyond the shop's time-out takes effect later. `GET /_sim/holds` lists the labels at which
calls wait. `POST /_sim/holds/{label}/arrival {"timeout_s": 5}` answers as soon as a call waits
there. `POST /_sim/holds/{label}/release` releases a label for good.

Example: a payout is called twice; the second call is refused, and the first one pays later, while
a query in between finds nothing:

    POST /_sim/plans {"match": {"kind": "pay", "method": "POST",
                                "path_is": "/v3/fund-app/mch-transfer/transfer-bills"},
      "steps": [{"hold_before_effect": "first"},
                {"effect": false, "answer": {"status": 403, "code": "NOT_ENOUGH"}}]}
    … the shop calls and times out; a query answers 404 NOT_FOUND; it calls again: refused …
    POST /_sim/holds/first/release
"""

from __future__ import annotations

import dataclasses
from typing import Any

from aiohttp import web

from simulator import faults
from simulator.control.gate import Ask, add_routes
from simulator.errors import SimError


def setup(app: web.Application) -> None:
    """Routes of plans and holds."""
    add_routes(
        app,
        [
            ("POST", "/plans", add_plan),
            ("GET", "/holds", list_holds),
            ("POST", "/holds/{label}/arrival", arrival),
            ("POST", "/holds/{label}/release", release),
        ],
    )


async def add_plan(ask: Ask) -> tuple[int, dict[str, Any]]:
    """Arm one step for each of the next calls that meet the match."""
    match, steps = ask.body.get("match"), ask.body.get("steps")
    if not isinstance(match, dict) or not isinstance(steps, list) or not steps:
        raise SimError("match (an object) and steps (a list of objects) are required")
    if not all(isinstance(step, dict) for step in steps):
        raise SimError("each step is an object")
    armed = [faults.add(ask.sim.world, match, faults.as_step(step), 1) for step in steps]
    return 201, {"steps": [dataclasses.asdict(fault) for fault in armed]}


async def list_holds(ask: Ask) -> dict[str, Any]:
    """The number of waiting calls at each label."""
    return {"waiting": ask.sim.holds.waiting()}


async def arrival(ask: Ask) -> dict[str, Any]:
    """Wait until a call waits at a label."""
    label = ask.request.match_info["label"]
    timeout_s = min(float(ask.body.get("timeout_s", 5)), 60)
    return {"waiting": await ask.sim.holds.arrival(label, timeout_s)}


async def release(ask: Ask) -> dict[str, Any]:
    """Release the calls at a label, and those that come to it later."""
    return {"released": ask.sim.holds.release(ask.request.match_info["label"])}
