"""A value that all processes share and one of them fetches: access token and JS-SDK ticket.

Redis holds the value; a Redis lock lets one process fetch it while the others wait. Without Redis
each process fetches its own, which works because WeChat's stable token is the same for all.

A value ends by business time, the clock that WeChat and the shop share, and not by the process's:
when demo or test move the clock by days, WeChat has forgotten the value, and so must we (ADR 82).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from gateways import metrics
from kernel import clock

log = logging.getLogger(__name__)

Fetch = Callable[[str | None], Awaitable[tuple[str, float]]]
"""Returns a value and its lifetime in seconds; the argument is a value known to be bad."""

KEY_FORM = "v2"
"""Before the keys of values with their end; the release before keeps bare values under its own."""

LOCK_SECONDS = 15.0
WAIT_SECONDS = 10.0
LOOK_SECONDS = 1.0
"""How long a read value is used without reading Redis again; broadcasts read it very often."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value with the second of business time at which it ends."""

    value: str
    until: float

    @property
    def text(self) -> str:
        """As Redis holds it: the second, a space, the value."""
        return f"{self.until:.0f} {self.value}"

    @classmethod
    def of(cls, raw: bytes | str | None) -> _Kept | None:
        """What Redis holds; None for nothing and for what is not of this form."""
        text = raw.decode() if isinstance(raw, bytes) else raw or ""
        until, _, value = text.partition(" ")
        return cls(value, float(until)) if value and until.isdigit() else None

    def is_valid(self) -> bool:
        """True until the value ends by business time."""
        return clock.now().timestamp() < self.until


class SharedValue:
    """One shared value. ``get`` reads it, ``renew`` replaces one that WeChat rejected."""

    def __init__(self, redis: Redis, key: str, fetch: Fetch) -> None:
        self._redis = redis
        self._key = f"{KEY_FORM}:{key}"
        self._fetch = fetch
        self._alone = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._seen: tuple[_Kept, float] | None = None
        self._own: _Kept | None = None

    async def get(self) -> str:
        """The shared value, fetched if there is none; concurrent calls read Redis once."""
        if (known := self._just_seen()) is not None:
            return known
        async with self._looking:
            if (known := self._just_seen()) is not None:
                return known
            kept = await self._read() or await self._renewed(None)
            self._seen = (kept, time.monotonic() + LOOK_SECONDS)
            return kept.value

    def _just_seen(self) -> str | None:
        if self._seen is None:
            return None
        kept, until = self._seen
        return kept.value if time.monotonic() < until and kept.is_valid() else None

    async def renew(self, bad: str | None) -> str:
        """A value other than ``bad``: the shared one if renewed meanwhile, else a new one."""
        if bad is not None:
            self._seen = None
        return (await self._renewed(bad)).value

    async def _renewed(self, bad: str | None) -> _Kept:
        async with self._alone:
            found = await self._read()
            if found is not None and found.value != bad:
                return found
            async with self._one_of_all():
                found = await self._read()
                if found is not None and found.value != bad:
                    return found
                metrics.REFRESHES.labels(self._key.rpartition(":")[2]).inc()
                value, seconds = await self._fetch(bad)
                kept = _Kept(value, clock.now().timestamp() + seconds)
                await self._write(kept, seconds)
                return kept

    async def _read(self) -> _Kept | None:
        """The shared value, or without Redis this process's own; None if it has ended."""
        try:
            kept = _Kept.of(await self._redis.get(self._key))
        except (RedisError, OSError):
            kept = self._own
        return kept if kept is not None and kept.is_valid() else None

    async def _write(self, kept: _Kept, seconds: float) -> None:
        self._own = kept
        try:
            await self._redis.set(self._key, kept.text, px=int(seconds * 1000))
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
