"""What the frame of each page knows: the shop's promises, and who the shop is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from domain import legal, promises
from kernel.web.keys import COMPANY, PROMISED
from mall_h5.web import peek

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def know_promises(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give templates ``promised`` and ``company``; settings are read at most once a second."""
    request[PROMISED] = promises.cached() or await peek(request, promises.current)
    request[COMPANY] = legal.cached_business() or await peek(request, legal.business)
    return await handler(request)
