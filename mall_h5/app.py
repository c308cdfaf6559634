"""Puts the mall together from the page modules of its sections."""

from __future__ import annotations

from aiohttp import web

from kernel.web.browsers import SessionBackend
from kernel.web.keys import FACE, SESSIONS
from kernel.web.middleware import browser_session, error_pages, other_slash
from mall_h5 import legal, visits
from mall_h5.deps import DEPS, MallDeps
from mall_h5.me import (
    addresses,
    age,
    agreeing,
    complaint,
    handover,
    inviting,
    leaks,
    privacy,
    profile,
    rights,
)
from mall_h5.promised import know_promises
from mall_h5.seller import center, granting, identity, settings, withdraw
from mall_h5.sharing import note_referrer
from mall_h5.shop import browse
from mall_h5.trade import aftersales, cart, checkout, gifts, orders, paying, pickups
from mall_h5.trade.soldout import SOLD_OUT, SoldOut
from mall_h5.uploads import allow_uploads
from mall_h5.web import Page, error_page, take_flash

PAGES = (
    browse, cart, checkout, paying, gifts, orders, pickups, aftersales, profile, addresses,
    privacy,
    handover, center, settings, identity, withdraw, granting, complaint, visits, agreeing,
    inviting, rights, age, leaks,
)  # fmt: skip

ONCE = ("/m/pay/", "/m/checkout", "/m/cart", "/m/orders", "/m/g/", "/m/gifts")


@web.middleware
async def keep_no_copy(request: web.Request, handler: Page) -> web.StreamResponse:
    """Let browsers keep no copy of pages that paying changes: the back key asks for them again."""
    answer = await handler(request)
    if request.path.startswith(ONCE) and not answer.prepared:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def make_mall_app(deps: MallDeps, sessions: SessionBackend) -> web.Application:
    """The application below ``/m``."""
    app = _framed(deps, sessions)
    app[SOLD_OUT] = SoldOut()
    app.middlewares.extend((note_referrer, keep_no_copy))
    for pages in PAGES:
        app.add_routes(pages.routes)
    return app


def make_legal_app(deps: MallDeps, sessions: SessionBackend) -> web.Application:
    """The application with the versioned legal pages below ``/legal``."""
    app = _framed(deps, sessions)
    app.add_routes(legal.routes)
    return app


def _framed(deps: MallDeps, sessions: SessionBackend) -> web.Application:
    shown = error_pages(error_page)  # used twice: the inner one never sees a refused form token
    known = [browser_session(), shown, know_promises, take_flash]
    around = [other_slash, allow_uploads, shown, *known]
    app = web.Application(middlewares=around)
    app[DEPS] = deps
    app[SESSIONS] = sessions
    app[FACE] = "mall"
    return app
