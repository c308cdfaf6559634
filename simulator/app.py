"""Puts the simulated WeChat together: `make_app(settings)`."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from simulator import account, control, hosts, identity, pay, start
from simulator import open as open_platform
from simulator import web as face
from simulator.account import gate
from simulator.pay import notify
from simulator.settings import Settings
from simulator.sim import SIM, Sim

MAX_BODY = 16 * 1024 * 1024


def make_app(settings: Settings) -> web.Application:
    """One simulated WeChat; its four hosts share one port."""
    sim = Sim(settings)
    app = web.Application(client_max_size=MAX_BODY, middlewares=[remember_base_url])
    app[SIM] = sim
    app.on_response_prepare.append(_date_by_our_clock)
    for folder in (account, open_platform, pay, control, face):
        folder.setup(app, sim)
    identity.setup(app, sim)
    gate.add_unknown(app, sim)  # the last one: it takes every other path
    start.fill(sim)
    notify.resume(sim)
    app.cleanup_ctx.append(_life)
    app.on_shutdown.append(_let_go)
    return app


async def _life(app: web.Application) -> AsyncIterator[None]:
    sim = app[SIM]
    await sim.start()
    yield
    await sim.stop()


async def _let_go(app: web.Application) -> None:
    app[SIM].hub.close()
    app[SIM].holds.close()


async def _date_by_our_clock(request: web.Request, response: web.StreamResponse) -> None:
    """Date WeChat Pay's answers by the simulated clock, which also judges signatures' age."""
    if request.path.startswith("/v3/"):
        now = dt.datetime.fromtimestamp(request.app[SIM].clock.now(), dt.UTC)
        response.headers["Date"] = format_datetime(now, usegmt=True)


@web.middleware
async def remember_base_url(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Without a configured public URL, use the address of the first request to the simulator."""
    sim = request.app[SIM]
    if not sim.base_url and not hosts.label_of(request.host):
        sim.base_url = f"{request.scheme}://{request.host}"
    return await handler(request)
