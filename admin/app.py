"""Puts the merchant's pages together, in the order of the menu."""

from __future__ import annotations

from aiohttp import web

from admin import (
    aftersales,
    audit,
    brakes,
    categories,
    chat,
    distributors,
    gate,
    levels,
    members,
    menu,
    orders,
    outbox,
    pictures,
    products,
    push,
    push_compose,
    push_templates,
    reconcile,
    rules,
    search,
    settings,
    staff,
    stock,
    tickets,
    today,
    withdrawals,
)
from admin.deps import DEPS, AdminDeps
from admin.web import allow_uploads, error_page, take_flash
from kernel.web.keys import FACE, SESSIONS
from kernel.web.middleware import browser_session, error_pages
from kernel.web.sessions import SessionBackend

PAGES = (
    gate, today, orders, aftersales, products, pictures, categories, stock, push_compose, push,
    push_templates, distributors, rules, levels, withdrawals, brakes, reconcile,
    members, tickets, settings, menu, chat, staff, audit, outbox, search,
)  # fmt: skip


def make_admin_app(deps: AdminDeps, sessions: SessionBackend) -> web.Application:
    """Everything below ``/admin``."""
    app = web.Application(
        middlewares=[
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
    for pages in PAGES:
        app.add_routes(pages.routes)
    return app
