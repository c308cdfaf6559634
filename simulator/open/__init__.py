"""Sign-in (网页授权) and the JS-SDK: what a page of the shop asks of WeChat."""

from __future__ import annotations

from aiohttp import web

from simulator.open import oauth, pages, ticket
from simulator.sim import Sim


def setup(app: web.Application, sim: Sim) -> None:
    """Add the ticket, the calls below /sns and the pages of consent."""
    ticket.setup(app, sim)
    oauth.setup(app, sim)
    pages.setup(app)
