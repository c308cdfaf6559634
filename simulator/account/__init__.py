"""The official account (公众号): its API host, what it pushes to the shop, and its console."""

from __future__ import annotations

from aiohttp import web

from simulator.account import (
    drafts,
    mass,
    media,
    menu,
    message,
    notices,
    qr,
    template_messages,
    token,
    user,
)
from simulator.sim import Sim


def setup(app: web.Application, sim: Sim) -> None:
    """Add the calls of the API host, but for its answer to unknown paths."""
    for part in (token, menu, user, qr, media, drafts, message, template_messages, notices, mass):
        part.setup(app, sim)
