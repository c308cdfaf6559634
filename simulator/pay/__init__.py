"""WeChat Pay v3: orders, refunds, transfers, bills, notifications, and the merchant's book."""

from __future__ import annotations

from aiohttp import web

from simulator.pay import bills, certs, grants, notify, orders, pages, refunds, transfers
from simulator.sim import Sim


def setup(app: web.Application, sim: Sim) -> None:
    """Add the calls of Pay v3 and the page of H5 payment, and let notifications leave."""
    for part in (orders, refunds, grants, transfers, bills, certs):
        part.setup(app, sim)
    pages.setup(app)
    notify.setup(sim)
