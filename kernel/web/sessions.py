"""The browser behind a request: its cookie, its session row once there is one, its visitor id.

The first page sets a random cookie and writes nothing. ``ensure()`` writes the session row when
something must be kept (a cart line, a sign-in round). The visitor cookie outlives sign-ins: it is
how a friend's link is remembered until the visitor becomes a member.
"""

from __future__ import annotations

from typing import Any, Protocol

from aiohttp import web

from kernel import context
from kernel.crypto import vault
from kernel.errors import Invalid
from kernel.ids import digest, token
from kernel.web.keys import BROWSER, LIMITER
from kernel.web.limits import Limiter

VISITOR_COOKIE = "fm_v"
VISITOR_SECONDS = 365 * 86_400
CSRF_LENGTH = 40
# By address, for who comes without a session: a hall full of guests shares one.
OPENED_MOST = 600


class SessionBackend(Protocol):
    """Where a face keeps its sessions; ``app`` hands over one for members and one for staff."""

    cookie: str
    max_age: int

    async def find(self, cookie: str) -> Any:
        """The live session of a cookie, or None."""

    async def open(self, cookie: str, visitor: str) -> Any:
        """Write the session of a cookie and answer it."""


class Browser:
    """One browser for the time of one request."""

    def __init__(self, backend: SessionBackend, cookie: str, visitor: str, info: Any) -> None:
        self._backend = backend
        self.cookie = cookie
        self.visitor = visitor
        self.info = info
        self.limiter: Limiter | None = None
        self.is_new_cookie = False
        self.is_new_visitor = False

    @property
    def member_id(self) -> int | None:
        """The signed-in member, None for a visitor or a staff session."""
        return getattr(self.info, "member_id", None)

    @property
    def csrf(self) -> str:
        """The token that this browser's forms carry; bound to its cookie, needs no row."""
        return self.csrf_of(self.cookie)

    @staticmethod
    def csrf_of(cookie: str) -> str:
        """The form token of a cookie."""
        return vault().tag("csrf", cookie)[:CSRF_LENGTH]

    def is_csrf(self, sent: str) -> bool:
        """Whether a form came from this browser; also one drawn before the secret changed."""
        return vault().is_tag("csrf", self.cookie, sent, CSRF_LENGTH)

    async def ensure(self) -> Any:
        """The session, written now if it only was a cookie. Raises LimitReached('too_many')."""
        if self.info is None:
            if self.limiter is not None:
                address = context.client_ip.get() or "-"
                await self.limiter.hit("session", address, most=OPENED_MOST, seconds=60)
            self.info = await self._backend.open(self.cookie, self.visitor)
        return self.info

    def take_over(self, cookie: str, info: Any) -> None:
        """Go on under a new cookie, after a sign-in or sign-out."""
        self.cookie, self.info, self.is_new_cookie = cookie, info, True


def browser(request: web.Request) -> Browser:
    """The browser of a request."""
    found: Browser = request[BROWSER]
    return found


async def load_browser(request: web.Request, backend: SessionBackend) -> Browser:
    """Read the cookies of a request; new ones are set by ``keep_cookies``."""
    cookie = request.cookies.get(backend.cookie, "")
    visitor = _known_visitor(request.cookies.get(VISITOR_COOKIE, ""))
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
