"""The simulator's web pages: a desk with phones, each a separate WeChat with its webview."""

from __future__ import annotations

from aiohttp import web

from simulator.sim import Sim
from simulator.web import pages, webview


def setup(app: web.Application, sim: Sim) -> None:
    """Add the pages to a simulator's app, before it is frozen."""
    webview.setup(app)
    pages.setup(app)
