"""The simulator's face: a desk of phones, each a WeChat of its own, and their webview."""

from __future__ import annotations

from aiohttp import web

from simulator.sim import Sim
from simulator.web import pages, webview


def setup(app: web.Application, sim: Sim) -> None:
    """Add the face to a simulator's app, before it is frozen."""
    webview.setup(app)
    pages.setup(app)
