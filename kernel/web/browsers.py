"""One browser: its cookie, its session row once there is one, and the token of its forms."""

from __future__ import annotations

from typing import Any, Protocol

from kernel.addresses import caller_key
from kernel.crypto import vault
from kernel.web.limits import Limiter

CSRF_LENGTH = 40


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
                address = caller_key()
                await self.limiter.hit("session", address, most=OPENED_MOST, seconds=60)
            self.info = await self._backend.open(self.cookie, self.visitor)
        return self.info

    def take_over(self, cookie: str, info: Any) -> None:
        """Go on under a new cookie, after a sign-in or sign-out."""
        self.cookie, self.info, self.is_new_cookie = cookie, info, True
