"""Builds the application of the merchant's pages from the menu."""

from __future__ import annotations

from aiohttp import web

from admin import kit
from admin.deps import DEPS, AdminDeps
from admin.menu import BESIDE, MENU, PAGES
from admin.web import allow_uploads, error_page, take_flash
from kernel.web.browsers import SessionBackend
from kernel.web.keys import FACE, SESSIONS
from kernel.web.middleware import browser_session, error_pages, other_slash


def make_admin_app(deps: AdminDeps, sessions: SessionBackend) -> web.Application:
    """The application for every address below ``/admin``."""
    app = web.Application(
        middlewares=[
            other_slash,
            allow_uploads,
            error_pages(error_page),  # a refused form token is met before the inner ones
            browser_session(),
            error_pages(error_page),
            take_flash,
        ]
    )
    app[DEPS] = deps
    app[SESSIONS] = sessions
    app[FACE] = "admin"
    app[kit.MENU] = MENU
    for part in BESIDE:
        app.add_routes(part.table)
    for page in PAGES:
        app.add_routes(page.routes())
    return app
