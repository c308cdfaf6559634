"""Faults that meet a call to WeChat: before or after its effect, late, cut off, or garbage."""

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
SPOILERS = ("status", "errcode", "garbage", "drop")


async def guarded(
    sim: Sim, request: web.Request, kind: str, work: Work, refuse: Refuse
) -> web.StreamResponse:
    """Run a call, unless a fault meets it; `after` lets it take effect and hides the answer."""
    action = faults.take(sim.world, kind, path=request.path, method=request.method)
    request[FAULT] = action
    if not action:
        return await work()
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
