"""Connections to Redis that fail, for tests of ``kernel.round_trips``."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import ConnectionError as RedisDown


class BrokenWire:
    """A connection that is refused."""

    async def send_packed_command(self, _: bytes) -> None:
        """Fail as without a server."""
        raise RedisDown("connection refused")

    async def read_response(self) -> None:
        """Fail as without a server."""
        raise RedisDown("connection refused")

    async def disconnect(self) -> None:
        """Nothing is open."""


class SilentWire(BrokenWire):
    """A connection whose server takes commands and never answers."""

    async def send_packed_command(self, _: bytes) -> None:
        """Accept commands."""

    async def read_response(self) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()


class Pool:
    """A pool that makes the same connection again."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire

    def make_connection(self) -> Any:
        """The connection."""
        return self._wire
