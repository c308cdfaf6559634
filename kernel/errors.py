"""Every error that crosses a layer.

``DomainError`` is a refusal that a person can understand; its text lives in a face's catalogue,
found by ``code``. ``GatewayError`` says what is known about a call that left the process.
"""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A business rule said no; nothing was changed."""

    http_status = 422

    def __init__(self, code: str, field: str | None = None, **facts: Any) -> None:
        super().__init__(code, field, facts)
        self.code = code
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        facts = " ".join(f"{k}={v!r}" for k, v in self.facts.items())
        return " ".join(p for p in (self.code, self.field or "", facts) if p)


class Invalid(DomainError):
    """The input can't be taken as it is."""


class NotFound(DomainError):
    """There is no such thing, or it isn't the asker's: both look the same from outside."""

    http_status = 404


class Forbidden(DomainError):
    """The asker may not do this."""

    http_status = 403


class Conflict(DomainError):
    """The thing is no longer in the state that the request assumed."""

    http_status = 409


class LimitReached(DomainError):
    """A named limit bites; ``facts`` carry the limit."""

    http_status = 429


class Busy(DomainError):
    """Too much is going on; ``facts`` say in how many seconds to try again."""

    http_status = 503


class GatewayError(Exception):
    """A call to the outside did not end well. ``code`` is the other side's or ours."""

    def __init__(self, code: str, message: str = "", **facts: Any) -> None:
        super().__init__(code, message, facts)
        self.code = code
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.message}".strip()


class Retryable(GatewayError):
    """Nothing was done; the same call may be made again later."""


class Refused(GatewayError):
    """Definitely not done, and the same call would be refused again."""


class Unknown(GatewayError):
    """It may have been done. Ask (query) before anything else; never repeat under a new number."""
