"""Applies faults to calls to WeChat: errors, delays, lost answers, garbage.

A call takes effect even if its caller has stopped waiting. Real WeChat does the same, and a shop
that then calls again under a new number would pay twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator import faults
from simulator.sim import Sim

Work = Callable[[], Awaitable[web.StreamResponse]]
Refuse = Callable[[dict[str, Any]], web.StreamResponse]
FAULT: web.RequestKey[dict[str, Any]] = web.RequestKey("fault", dict)
SPOILERS = ("status", "errcode", "code", "garbage", "drop", "result")


async def guarded(
    sim: Sim, request: web.Request, kind: str, work: Work, refuse: Refuse
) -> web.StreamResponse:
    """Run a call, with the fault armed for it; `after` runs the call and hides its answer."""
    action = faults.take(sim.world, kind, path=request.path, method=request.method)
    request[FAULT] = action
    if not action:
        return await work()
    if not request.content_type.startswith("multipart/"):
        await request.read()  # the body can't be read after the caller has hung up
    run = _planned if faults.is_step(action) else _faulty
    return await sim.outlive(run(sim, request, action, work, refuse))


async def _faulty(
    sim: Sim, request: web.Request, action: dict[str, Any], work: Work, refuse: Refuse
) -> web.StreamResponse:
    if action.get("stale_token"):
        for token in sim.world.tokens.values():
            token.dead_at = 0
    is_after = action.get("when") == "after"
    answer = await work() if is_after else None
    if delay_s := action.get("delay_s"):
        await asyncio.sleep(delay_s)
    if not any(name in action for name in SPOILERS):
        return answer or await work()
    return _spoil(request, action, refuse)


async def _planned(
    sim: Sim, request: web.Request, step: dict[str, Any], work: Work, refuse: Refuse
) -> web.StreamResponse:
    """Run one step of a plan: wait, effect or none, wait, the true or the planned answer."""
    await _wait(sim, step, "effect")
    answer = await work() if step.get("effect", True) else None
    await _wait(sim, step, "answer")
    if "answer" in step:
        return _spoil(request, step["answer"], refuse)
    assert answer is not None  # a step without effect always has an answer
    return answer


async def _wait(sim: Sim, step: dict[str, Any], moment: str) -> None:
    if seconds := step.get(f"before_{moment}_s"):
        await asyncio.sleep(seconds)
    if label := step.get(f"hold_before_{moment}"):
        await sim.holds.wait(label)


def _spoil(request: web.Request, action: dict[str, Any], refuse: Refuse) -> web.StreamResponse:
    if action.get("drop"):
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if action.get("garbage"):
        text = "<html><body>502 Bad Gateway</body></html>"
        status = int(action.get("status", 200))
        return web.Response(text=text, status=status, content_type="text/html")
    return refuse(action)
