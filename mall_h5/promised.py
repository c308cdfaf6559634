"""The shop's promises for the frame of each page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from domain import promises
from kernel.web.keys import PROMISED
from mall_h5.web import peek

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def know_promises(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give templates ``promised``; the settings are read at most once a second."""
    request[PROMISED] = promises.cached() or await peek(request, promises.current)
    return await handler(request)
