"""The browser of a request: its session cookie, its session row if there is one, its visitor id.

The first page sets a random cookie and writes no row. ``ensure()`` writes the session row when
something must be kept (a cart line, a sign-in). The visitor cookie is independent of sign-ins: by
it a distributor's link is attributed once the visitor becomes a member
(docs/adr/0006-sessions-by-need.md). A third one remembers large type before the sign-in.
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
CARE_COOKIE = "fm_care"
YEAR_SECONDS = 365 * 86_400


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
    found.wants_care = cookie_of(request, CARE_COOKIE) == "1"
    found.limiter = request.config_dict.get(LIMITER)
    request[BROWSER] = found
    return found


def keep_cookies(request: web.Request, response: web.StreamResponse, *, secure: bool) -> None:
    """Set a browser's new cookies on the response."""
    found = request.get(BROWSER)
    if found is None or response.prepared:
        return
    backend = found._backend
    fresh = []
    if found.is_new_cookie:
        fresh.append((backend.cookie, found.cookie, backend.max_age))
    if found.is_new_visitor:
        fresh.append((VISITOR_COOKIE, vault().sign("visitor", found.visitor), YEAR_SECONDS))
    if found.is_new_wish:
        fresh.append((CARE_COOKIE, str(int(found.wants_care)), YEAR_SECONDS))
    for name, value, seconds in fresh:
        response.set_cookie(
            name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure, path="/"
        )


def _known_visitor(signed: str) -> str | None:
    if not signed:
        return None
    try:
        return vault().verify("visitor", signed)
    except Invalid:
        return None
