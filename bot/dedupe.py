"""De-duplication of pushes: a retry gets the reply of its first delivery, word for word.

A key is first looked up in this process; a retry that arrives here waits for the answer. Then it
is looked up in Redis, which all processes share: one round trip for a new push, shared with the
pushes that arrive at the same time. While Redis can't be reached, this process de-duplicates
alone; its replies are written to Redis when it is back.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import OrderedDict
from functools import partial
from typing import Any

from kernel.deadlines import is_done_within
from kernel.ids import nonce
from kernel.round_trips import AWAY_SECONDS, DOWN, RoundTrips

log = logging.getLogger("fenmall.bot")

KEPT_SECONDS = 60
PENDING_SECONDS = 8
"""Longer than any answer takes. It also bounds how long a process that died keeps a push."""

PENDING = b"\0pending:"
"""What a key holds before its reply; the name of the claim follows."""
LOOK_SECONDS = 0.05
MOST_HERE = 5_000


class Replies:
    """The replies of the last minute, and the pushes that are being answered now."""

    def __init__(self, trips: RoundTrips) -> None:
        self._trips = trips
        self._here: OrderedDict[str, asyncio.Future[bytes]] = OrderedDict()
        self._name = PENDING + nonce(10).encode() + b"."
        self._numbers = itertools.count()
        self._unshared = 0

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
        self._share(key, reply, time.monotonic() + KEPT_SECONDS)

    def give_up(self, key: str) -> None:
        """Forget a push that failed, so that a later retry is handled as a new push.

        Other processes see the failed push as pending for PENDING_SECONDS.
        """
        found = self._here.pop(key, None)
        if found is not None and not found.done():
            found.set_result(b"success")

    async def finish(self) -> None:
        """Write the replies to Redis that are still unwritten; for the end of the process."""
        await self._trips.finish()

    def _share(self, key: str, reply: bytes, until: float) -> None:
        """Write a reply to Redis, for the rest of its minute."""
        left = int(until - time.monotonic())
        if left > 0:
            told = self._trips.tell("SET", f"push:{key}", reply, "EX", left)
            told.add_done_callback(partial(self._shared, key, reply, until))

    def _shared(self, key: str, reply: bytes, until: float, told: asyncio.Future[Any]) -> None:
        """If a reply could not be written: write it once Redis may be back."""
        if told.cancelled() or (error := told.exception()) is None:
            return
        if self._unshared >= MOST_HERE:
            log.warning("a reply is remembered in this process only: %s", error or type(error))
            return
        self._unshared += 1
        loop = asyncio.get_running_loop()
        loop.call_later(AWAY_SECONDS, self._share_again, key, reply, until)

    def _share_again(self, key: str, reply: bytes, until: float) -> None:
        self._unshared -= 1
        self._share(key, reply, until)

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
        name, mine = f"push:{key}", self._name + str(next(self._numbers)).encode()
        while not self._trips.is_away:
            try:
                if await self._trips.ask("SET", name, mine, "EX", PENDING_SECONDS, "NX"):
                    return None
                got: bytes | str | None = await self._trips.ask("GET", name)
            except DOWN:
                return None
            found = _bytes(got) if got is not None else PENDING
            if found == mine:
                return None  # an answer was lost and the client library sent the command again
            if not found.startswith(PENDING):
                return found
            if _left(ends) <= 0:
                return b"success"
            await asyncio.sleep(LOOK_SECONDS)
        return None


def _left(ends: float) -> float:
    return ends - asyncio.get_running_loop().time()


async def _wait(known: asyncio.Future[bytes], ends: float) -> bytes:
    return known.result() if await is_done_within(known, _left(ends)) else b"success"


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
