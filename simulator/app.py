"""Puts the simulated WeChat together: `make_app(settings)`."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from simulator import (
    api_gate,
    api_mass,
    api_media,
    api_menu,
    api_message,
    api_qr,
    api_template,
    api_ticket,
    api_token,
    api_user,
    hosts,
    oauth,
    oauth_pages,
    pay_bills,
    pay_certs,
    pay_grants,
    pay_notify,
    pay_orders,
    pay_pages,
    pay_refunds,
    pay_transfers,
    sim_control,
    sim_keys,
    sim_pay,
    sim_people,
    sim_plans,
    sim_share,
    start,
)
from simulator import web as web_pages
from simulator.settings import Settings
from simulator.sim import SIM, Sim

MAX_BODY = 16 * 1024 * 1024


def make_app(settings: Settings) -> web.Application:
    """One simulated WeChat; its four hosts share one port."""
    sim = Sim(settings)
    app = web.Application(client_max_size=MAX_BODY, middlewares=[remember_base_url])
    app[SIM] = sim
    app.on_response_prepare.append(_date_by_our_clock)
    for part in (
        api_token, api_menu, api_user, api_qr, api_media, api_message, api_template, api_mass,
        api_ticket, oauth, pay_orders, pay_refunds, pay_grants, pay_transfers,
        pay_bills, pay_certs,
    ):  # fmt: skip
        part.setup(app, sim)
    for pages in (
        oauth_pages, pay_pages, sim_people, sim_pay, sim_share, sim_control, sim_plans,
        sim_keys,
    ):  # fmt: skip
        pages.setup(app)
    pay_notify.setup(sim)
    web_pages.setup(app, sim)
    api_gate.add_unknown(app, sim)
    start.fill(sim)
    pay_notify.resume(sim)
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
