"""The errors that cross layers.

``DomainError`` is a refusal by a business rule; each face has a text for its ``code``.
``GatewayError`` and its kinds say what is known about a call to another system.
"""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A business rule refused the request; nothing was changed."""

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
    """The input is not valid."""


class NotFound(DomainError):
    """The object does not exist or is another person's; callers can't tell the two apart."""

    http_status = 404


class Forbidden(DomainError):
    """The actor has no right to do this."""

    http_status = 403


class Conflict(DomainError):
    """The object is no longer in the state that the request assumed."""

    http_status = 409


class LimitReached(DomainError):
    """A limit is reached; ``facts`` hold the limit."""

    http_status = 429


class Busy(DomainError):
    """The service is overloaded; ``facts`` hold the seconds after which to try again."""

    http_status = 503


class GatewayError(Exception):
    """A call to another system failed. ``code`` is the other system's error code or our own."""

    def __init__(self, code: str, message: str = "", **facts: Any) -> None:
        super().__init__(code, message, facts)
        self.code = code
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.message}".strip()


class Retryable(GatewayError):
    """The call was not carried out; the same call may be made again later."""


class Refused(GatewayError):
    """The call was certainly not carried out; the same call would be refused again."""


class Unknown(GatewayError):
    """The call may have been carried out. Query its result; never repeat it with a new number."""
