"""The configured Redis: a real one, or an embedded one within this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.outbox import LocalWake

log = logging.getLogger(__name__)

CHANNEL = "fenmall:wake"
TIMEOUT_SECONDS = 2.0


def connect_redis(url: str) -> Any:
    """The client for a URL; ``memory://`` is fakeredis, for one process only. Makes no call."""
    if url.startswith("memory://"):
        from fakeredis import FakeAsyncRedis

        return FakeAsyncRedis()
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        health_check_interval=30,
        max_connections=64,
    )


class RedisWake:
    """Wakes the workers of all processes; without Redis they poll once a second."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._local = LocalWake()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Signal that there is work; callable from any thread, does not block."""
        self._local.wake()
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._publish)

    async def wait(self, seconds: float) -> None:
        """Wait for a signal of this or another process, for at most ``seconds``."""
        await self._local.wait(seconds)

    async def listen(self) -> None:
        """Receive the signals of other processes, until cancelled."""
        self._loop = asyncio.get_running_loop()
        me = asyncio.current_task()
        assert me is not None  # a coroutine always runs in a task
        while not me.cancelling():
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    while not me.cancelling():  # the embedded Redis may swallow a cancellation
                        if await channel.get_message(ignore_subscribe_messages=True, timeout=30):
                            self._local.wake()
            except (RedisError, OSError) as error:
                log.debug("no wake-ups from redis: %s", error)
                if not me.cancelling():
                    await asyncio.sleep(5)

    def _publish(self) -> None:
        task = asyncio.create_task(self._publish_quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish_quietly(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._redis.publish(CHANNEL, b"1")
