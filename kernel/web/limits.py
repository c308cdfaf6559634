"""Request-rate limits: a fixed window per key in Redis; in-process when Redis is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

from redis.exceptions import RedisError

from kernel.errors import LimitReached

_MOST_KEYS = 20_000


class Limiter:
    """Counts what a key did in a window of seconds."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._local: OrderedDict[str, tuple[int, int]] = OrderedDict()

    async def hit(
        self, name: str, key: str, *, most: int, seconds: int, is_rough: bool = False
    ) -> None:
        """Count one. Raises LimitReached('too_many', limit, seconds) beyond ``most``.

        A rough limit asks Redis only from a quarter of ``most`` on, and then tells it all: who
        does a thing now and then costs nothing, and among n processes at most n quarters more
        pass. Not for what guards a password.
        """
        window = int(time.time()) // seconds
        here = self._hit_here(f"{name}:{key}", window)
        if is_rough and here <= most // 4:
            return
        untold = here if is_rough and here == most // 4 + 1 else 1
        full = f"limit:{name}:{key}:{window}"
        try:
            count = int(await self._redis.incrby(full, untold))
            if count == untold:
                await self._redis.expire(full, seconds + 1)
        except (RedisError, OSError):
            count = here
        if count > most:
            raise LimitReached("too_many", limit=most, seconds=seconds)

    def _hit_here(self, key: str, window: int) -> int:
        last, count = self._local.pop(key, (window, 0))
        count = count + 1 if last == window else 1
        self._local[key] = (window, count)
        while len(self._local) > _MOST_KEYS:
            self._local.popitem(last=False)
        return count
