"""De-duplication of pushes: a retry gets the reply of its first delivery, word for word.

A key is first looked up in this process; a retry that arrives here waits for the answer. Then it
is looked up in Redis, which all processes share: one round trip for a new push. Replies are
written to Redis in batches, about 10 ms later. While Redis can't be reached, this process
de-duplicates alone and tries Redis again after two seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from typing import Any

from redis.exceptions import RedisError

log = logging.getLogger("fenmall.bot")

KEPT_SECONDS = 60
PENDING_SECONDS = 8
"""Longer than any answer takes. It also bounds how long a process that died keeps a push."""

PENDING = b"\0pending"
LOOK_SECONDS = 0.05
SHARE_SECONDS = 0.01
REDIS_SECONDS = 0.5
AWAY_SECONDS = 2.0
MOST_HERE = 5_000

_DOWN = (RedisError, OSError, TimeoutError)


class Replies:
    """The replies of the last minute, and the pushes that are being answered now."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._here: OrderedDict[str, asyncio.Future[bytes]] = OrderedDict()
        self._away_until = 0.0
        self._unshared: dict[str, bytes] = {}
        self._sharing: asyncio.Task[None] | None = None

    async def claim(self, key: str, ends: float) -> bytes | None:
        """Claim a push. None: this call must answer it; bytes: the reply of its first delivery.

        Waits for the first delivery until ``ends`` (event loop time), then returns ``success``.
        """
        known = self._here.get(key)
        if known is not None:
            return await _wait(known, ends)
        mine = self._begin(key)
        reply = await self._claim_shared(key, ends)
        if reply is not None and not mine.done():
            mine.set_result(reply)
        return reply

    def keep(self, key: str, reply: bytes) -> None:
        """Remember a reply, wake the retries that wait for it, share it with other processes."""
        found = self._here.get(key)
        if found is None or found.done():
            found = self._begin(key)
        found.set_result(reply)
        self._unshared[key] = reply
        if self._sharing is None:
            self._sharing = asyncio.get_running_loop().create_task(self._share())

    def give_up(self, key: str) -> None:
        """Forget a push that failed, so that a later retry is handled as a new push.

        Other processes see the failed push as pending for PENDING_SECONDS.
        """
        found = self._here.pop(key, None)
        if found is not None and not found.done():
            found.set_result(b"success")

    async def finish(self) -> None:
        """Write the replies to Redis that are still unwritten; for the end of the process."""
        if self._sharing is not None:
            await self._sharing

    async def _share(self) -> None:
        """Write replies to Redis; those that arrive meanwhile go in the same round trip."""
        while self._unshared:
            await asyncio.sleep(SHARE_SECONDS)
            batch, self._unshared = self._unshared, {}
            if not self._is_away():
                await self._send(batch)
        self._sharing = None

    async def _send(self, batch: dict[str, bytes]) -> None:
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                pipe = self._redis.pipeline(transaction=False)
                for key, reply in batch.items():
                    pipe.execute_command("SET", f"push:{key}", reply, "EX", KEPT_SECONDS)
                await pipe.execute()
        except _DOWN as error:
            self._went_away(error)

    def _begin(self, key: str) -> asyncio.Future[bytes]:
        made: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._here[key] = made
        while len(self._here) > MOST_HERE:
            _, oldest = self._here.popitem(last=False)
            if not oldest.done():
                oldest.set_result(b"success")
        return made

    async def _claim_shared(self, key: str, ends: float) -> bytes | None:
        """Claim the push in Redis; while Redis can't be reached, this process owns the push."""
        while not self._is_away():
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    name = f"push:{key}"
                    # ``set`` checks a dozen options first, which costs more than the call itself
                    if await self._redis.execute_command(
                        "SET", name, PENDING, "EX", PENDING_SECONDS, "NX"
                    ):
                        return None
                    got: bytes | str | None = await self._redis.get(name)
            except _DOWN as error:
                self._went_away(error)
                break
            if got is not None and (found := _bytes(got)) != PENDING:
                return found
            if _left(ends) <= 0:
                return b"success"
            await asyncio.sleep(LOOK_SECONDS)
        return None

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _went_away(self, error: BaseException) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS
        log.warning("replies are remembered in this process only: %s", error or type(error))


def _left(ends: float) -> float:
    return ends - asyncio.get_running_loop().time()


async def _wait(known: asyncio.Future[bytes], ends: float) -> bytes:
    done, _ = await asyncio.wait({known}, timeout=max(0.0, _left(ends)))
    return known.result() if done else b"success"


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
