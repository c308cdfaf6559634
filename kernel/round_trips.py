"""Redis commands of many callers in shared round trips.

A command sent alone by the client library costs several times the CPU time of one that goes with
others. Commands that arrive while a round trip is under way are collected and sent together in
the next one; each caller gets the answer to its own command.

Connecting, signing in and checking a connection are the client library's. The commands of a round
trip are packed into one piece and their answers are read without a time-out each: one time-out
bounds the whole round trip (ADR 93, 96).

If a round trip fails, all its callers get the error, and so do those that wait for the next one.
Redis may have executed the commands nevertheless: a command sent here must tolerate being
executed twice or without an answer. After a failure Redis is not asked for ``AWAY_SECONDS``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Any

from redis.exceptions import RedisError, ResponseError

log = logging.getLogger("fenmall.redis")

TRIP_SECONDS = 0.5
LINGER_SECONDS = 0.005
AWAY_SECONDS = 2.0
DOWN = (RedisError, OSError, TimeoutError)
"""What ``ask`` raises if Redis gave no answer, or refused the command."""

_BROKEN = (RedisError, OSError)


class RoundTrips:
    """Sends commands to Redis, at most one round trip at a time, over a connection of its own."""

    def __init__(self, redis: Any) -> None:
        self._pool = redis.connection_pool
        self._connection: Any = None
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        self._is_asked = False
        self._running: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        """True for ``AWAY_SECONDS`` after a failed round trip: ``ask`` fails at once."""
        return time.monotonic() < self._away_until

    def ask(self, *command: str | bytes | int) -> asyncio.Future[Any]:
        """The answer to a command as Redis gives it (``b"OK"``, bytes, a number or None).

        It comes with the next round trip. Raises one of ``DOWN``.
        """
        answer = self._queued(command)
        if self._running is None:
            self._begin()
        else:
            self._is_asked = True
        return answer

    def tell(self, *command: str | bytes | int) -> asyncio.Future[Any]:
        """Like ``ask``, for what nobody waits for: it begins no round trip for LINGER_SECONDS."""
        answer = self._queued(command)
        if self._running is None and self._later is None and not answer.done():
            self._later = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._begin)
        return answer

    async def finish(self) -> None:
        """Wait until the commands so far are answered; for the end of the process."""
        while self._running is not None or self._waiting:
            if self._running is None:
                self._begin()
            else:
                await self._running
        if self._connection is not None:
            await self._connection.disconnect()

    def _queued(self, command: tuple[str | bytes | int, ...]) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.is_away:
            answer.set_exception(ConnectionError("redis did not answer a moment ago"))
        else:
            self._waiting.append((command, answer))
        return answer

    def _begin(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._running is None and self._waiting:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """Round trips until nobody waits for an answer."""
        self._is_asked = True
        try:
            while self._is_asked:
                self._is_asked = False
                batch, self._waiting = self._waiting, []
                try:
                    answers = await self._sent([command for command, _ in batch])
                except Exception as error:
                    log.warning("redis did not answer: %s", error or type(error))
                    self._away_until = time.monotonic() + AWAY_SECONDS
                    batch, self._waiting = batch + self._waiting, []
                    answers, self._is_asked = [error] * len(batch), False
                for (_, answer), found in zip(batch, answers, strict=True):
                    _settle(answer, found)
        finally:
            self._running = None
        if self._waiting:
            self._later = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._begin)

    async def _sent(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        """The answers to commands, each maybe a ResponseError; by a new connection if needed."""
        data, count = packed(commands), len(commands)
        async with asyncio.timeout(TRIP_SECONDS):
            try:
                return await self._exchanged(data, count)
            except _BROKEN:  # a connection that had been idle may be dead without a sign of it
                return await self._exchanged(data, count)

    async def _exchanged(self, data: bytes, count: int) -> list[Any]:
        """One round trip. The client library connects, and closes a connection that fails."""
        connection = self._connection
        if connection is None:
            connection = self._connection = self._pool.make_connection()
            connection.socket_timeout = None  # it would cost a task and a timer per command
        await connection.send_packed_command(data)
        return [await _answer(connection) for _ in range(count)]


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refused:
        return refused


def packed(commands: Iterable[tuple[str | bytes | int, ...]]) -> bytes:
    """Commands as they are sent to Redis: the number of words, then each with its length."""
    pieces = []
    for command in commands:
        pieces.append(b"*%d\r\n" % len(command))
        for word in command:
            data = word if isinstance(word, bytes) else str(word).encode()
            pieces.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(pieces)


def _settle(answer: asyncio.Future[Any], found: Any) -> None:
    """Give a caller its answer, unless it was cancelled meanwhile."""
    if answer.done():
        return
    if isinstance(found, BaseException):
        answer.set_exception(found)
    else:
        answer.set_result(found)
