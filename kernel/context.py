"""What follows a request into threads, jobs and gateways: its id, who acts, and from where."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
actor: ContextVar[str] = ContextVar("actor", default="system")
client_ip: ContextVar[str | None] = ContextVar("client_ip", default=None)
