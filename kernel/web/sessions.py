"""The browser behind a request: its cookie, its session row once there is one, its visitor id.

The first page sets a random cookie and writes nothing. ``ensure()`` writes the session row when
something must be kept (a cart line, a sign-in round). The visitor cookie outlives sign-ins: it is
how a friend's link is remembered until the visitor becomes a member.
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
# By address, for who comes without a session: a hall full of guests shares one.


def browser(request: web.Request) -> Browser:
    """The browser of a request."""
    found: Browser = request[BROWSER]
    return found


async def load_browser(request: web.Request, backend: SessionBackend) -> Browser:
    """Read the cookies of a request; new ones are set by ``keep_cookies``."""
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
    """Set what is new of a browser's cookies on the answer."""
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
