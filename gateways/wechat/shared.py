"""A value that all processes share and one of them fetches: access token and JS-SDK ticket.

Redis holds the value; a Redis lock lets one process fetch it while the others wait. Without Redis
each process fetches its own, which works because WeChat's stable token is the same for all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from gateways import metrics

log = logging.getLogger(__name__)

Fetch = Callable[[str | None], Awaitable[tuple[str, float]]]
"""Returns a value and its lifetime in seconds; the argument is a value known to be bad."""

LOCK_SECONDS = 15.0
WAIT_SECONDS = 10.0
LOOK_SECONDS = 1.0
"""How long a read value is used without reading Redis again; broadcasts read it very often."""


class SharedValue:
    """One shared value. ``get`` reads it, ``renew`` replaces one that WeChat rejected."""

    def __init__(self, redis: Redis, key: str, fetch: Fetch) -> None:
        self._redis = redis
        self._key = key
        self._fetch = fetch
        self._alone = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._seen: tuple[str, float] | None = None
        self._own: tuple[str, float] | None = None

    async def get(self) -> str:
        """The shared value, fetched if there is none; concurrent calls read Redis once."""
        if (known := self._just_seen()) is not None:
            return known
        async with self._looking:
            if (known := self._just_seen()) is not None:
                return known
            value = await self._read() or await self.renew(None)
            self._seen = (value, time.monotonic() + LOOK_SECONDS)
            return value

    def _just_seen(self) -> str | None:
        seen = self._seen
        return seen[0] if seen is not None and time.monotonic() < seen[1] else None

    async def renew(self, bad: str | None) -> str:
        """A value other than ``bad``: the shared one if renewed meanwhile, else a new one."""
        if bad is not None:
            self._seen = None
        async with self._alone:
            found = await self._read()
            if found and found != bad:
                return found
            async with self._one_of_all():
                found = await self._read()
                if found and found != bad:
                    return found
                metrics.REFRESHES.labels(self._key.rpartition(":")[2]).inc()
                value, seconds = await self._fetch(bad)
                await self._write(value, seconds)
                return value

    async def _read(self) -> str | None:
        try:
            raw = await self._redis.get(self._key)
        except (RedisError, OSError):
            own = self._own
            return own[0] if own and own[1] > time.monotonic() else None
        return raw.decode() if isinstance(raw, bytes) else raw

    async def _write(self, value: str, seconds: float) -> None:
        self._own = (value, time.monotonic() + seconds)
        try:
            await self._redis.set(self._key, value, px=int(seconds * 1000))
        except (RedisError, OSError) as error:
            log.warning("redis is away, %s stays in this process: %s", self._key, error)

    @asynccontextmanager
    async def _one_of_all(self) -> AsyncIterator[None]:
        """Hold the lock of all processes; go on without it after WAIT_SECONDS or without Redis."""
        lock = self._redis.lock(
            f"{self._key}:lock", timeout=LOCK_SECONDS, sleep=0.05, blocking_timeout=WAIT_SECONDS
        )
        try:
            held = await lock.acquire()
        except (RedisError, OSError):
            held = False
        try:
            yield
        finally:
            if held:
                try:
                    await lock.release()
                except (LockError, RedisError, OSError):
                    log.debug("lock of %s was gone before its release", self._key)
