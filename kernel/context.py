"""Context of a request in threads, jobs and gateways: its id, the actor, the client's address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
actor: ContextVar[str] = ContextVar("actor", default="system")
client_ip: ContextVar[str | None] = ContextVar("client_ip", default=None)


@contextmanager
def acting(who: str) -> Iterator[None]:
    """Set the actor (``member:7``, ``system``, …) for the block, then restore the one before."""
    token = actor.set(who)
    try:
        yield
    finally:
        actor.reset(token)
