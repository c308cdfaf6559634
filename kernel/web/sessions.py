"""The browser of a request: its session cookie, its session row if there is one, its visitor id.

The first page sets a random cookie and writes no row. ``ensure()`` writes the session row when
something must be kept (a cart line, a sign-in). The visitor cookie is independent of sign-ins: by
it a distributor's link is attributed once the visitor becomes a member
(docs/adr/0006-sessions-by-need.md).
"""

from __future__ import annotations

from aiohttp import web

from kernel.crypto import vault
from kernel.errors import Invalid
from kernel.ids import digest, token
from kernel.web.browsers import Browser, SessionBackend
from kernel.web.forms import cookie_of
from kernel.web.keys import BROWSER, LIMITER

VISITOR_COOKIE = "fm_v"
VISITOR_SECONDS = 365 * 86_400


def browser(request: web.Request) -> Browser:
    """The browser of a request."""
    found: Browser = request[BROWSER]
    return found


async def load_browser(request: web.Request, backend: SessionBackend) -> Browser:
    """Read a request's cookies; ``keep_cookies`` sets the new ones."""
    cookie = cookie_of(request, backend.cookie)
    visitor = _known_visitor(cookie_of(request, VISITOR_COOKIE))
    info = await backend.find(cookie) if 20 <= len(cookie) <= 90 else None
    fresh = not 20 <= len(cookie) <= 90
    found = Browser(backend, token() if fresh else cookie, visitor or digest(token())[:32], info)
    found.is_new_cookie, found.is_new_visitor = fresh, visitor is None
    found.limiter = request.config_dict.get(LIMITER)
    request[BROWSER] = found
    return found


def keep_cookies(request: web.Request, response: web.StreamResponse, *, secure: bool) -> None:
    """Set a browser's new cookies on the response."""
    found = request.get(BROWSER)
    if found is None or response.prepared:
        return
    backend = found._backend
    if found.is_new_cookie:
        response.set_cookie(
            backend.cookie,
            found.cookie,
            max_age=backend.max_age,
            httponly=True,
            samesite="Lax",
            secure=secure,
            path="/",
        )
    if found.is_new_visitor:
        response.set_cookie(
            VISITOR_COOKIE,
            vault().sign("visitor", found.visitor),
            max_age=VISITOR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=secure,
            path="/",
        )


def _known_visitor(signed: str) -> str | None:
    if not signed:
        return None
    try:
        return vault().verify("visitor", signed)
    except Invalid:
        return None
