"""What follows a request into threads, jobs and gateways: its id, who acts, and from where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
actor: ContextVar[str] = ContextVar("actor", default="system")
client_ip: ContextVar[str | None] = ContextVar("client_ip", default=None)


@contextmanager
def acting(who: str) -> Iterator[None]:
    """Somebody acts for as long as it lasts, and whoever acted before after that."""
    token = actor.set(who)
    try:
        yield
    finally:
        actor.reset(token)
