"""A browser: its cookie, its session row if there is one, and its CSRF token."""

from __future__ import annotations

from typing import Any, Protocol

from kernel.addresses import caller_key
from kernel.crypto import vault
from kernel.web.limits import Limiter
from kernel.web.masks import masked, unmasked

CSRF_LENGTH = 40
"""Hexadecimal digits, an even number: 20 bytes."""

OPENED_MOST = 600


class SessionBackend(Protocol):
    """Stores a face's sessions; ``app`` provides one for members and one for staff."""

    cookie: str
    max_age: int

    async def find(self, cookie: str) -> Any:
        """The valid session of a cookie, or None."""

    async def open(self, cookie: str, visitor: str) -> Any:
        """Write the session of a cookie and return it."""


class Browser:
    """The browser of one request."""

    def __init__(self, backend: SessionBackend, cookie: str, visitor: str, info: Any) -> None:
        self._backend = backend
        self.cookie = cookie
        self.visitor = visitor
        self.info = info
        self.limiter: Limiter | None = None
        self.is_new_cookie = False
        self.is_new_visitor = False
        self.wants_care = False
        self.is_new_wish = False

    @property
    def member_id(self) -> int | None:
        """The signed-in member, None for a visitor or a staff session."""
        return getattr(self.info, "member_id", None)

    @property
    def is_care_mode(self) -> bool:
        """Whether pages are in large type: the member's choice, before sign-in the cookie's."""
        if self.member_id is None:
            return self.wants_care
        return bool(getattr(self.info, "is_care_mode", False))

    def wish_care(self, is_on: bool) -> None:
        """Keep in a cookie whether this browser wants large type."""
        self.wants_care, self.is_new_wish = is_on, True

    @property
    def csrf(self) -> str:
        """The CSRF token for a form of this browser, masked anew each time."""
        return self.csrf_of(self.cookie)

    @staticmethod
    def csrf_of(cookie: str) -> str:
        """The CSRF token of a cookie, masked; it is derived from the cookie, without a row."""
        return masked(vault().tag("csrf", cookie)[:CSRF_LENGTH])

    def is_csrf(self, sent: str) -> bool:
        """Whether a masked CSRF token is this browser's; those of the previous secret count."""
        return vault().is_tag("csrf", self.cookie, unmasked(sent), CSRF_LENGTH)

    async def ensure(self) -> Any:
        """The session; its row is written now if it has none. Raises LimitReached('too_many')."""
        if self.info is None:
            if self.limiter is not None:
                address = caller_key()
                await self.limiter.hit("session", address, most=OPENED_MOST, seconds=60)
            self.info = await self._backend.open(self.cookie, self.visitor)
        return self.info

    def take_over(self, cookie: str, info: Any) -> None:
        """Replace cookie and session, after a sign-in or sign-out."""
        self.cookie, self.info, self.is_new_cookie = cookie, info, True
