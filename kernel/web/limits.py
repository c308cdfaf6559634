"""Request-rate limits: a sliding window per key in Redis, or in-process if Redis is unavailable.

A window is divided into twenty slices. A limit sums the present slice and the twenty before it, so
that at most ``most`` hits pass within any period of ``seconds`` (a fixed window lets twice as many
pass at its edge). In return a hit may count for up to one slice longer than ``seconds``.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from kernel.errors import LimitReached

SLICES = 20
_MOST_KEYS = 20_000
_MOST_FIELDS = 4 * SLICES


@dataclass
class _Counts:
    """Hits of a key in this process by slice, and how many are not in Redis yet."""

    by_slice: dict[int, int] = field(default_factory=dict)
    untold: int = 0

    def since(self, first: int) -> int:
        """The sum from a slice on; older slices are deleted."""
        for old in [number for number in self.by_slice if number < first]:
            del self.by_slice[old]
        return sum(self.by_slice.values())


class Limiter:
    """Counts recent hits per key. ``now`` gives seconds of a clock that all processes share."""

    def __init__(self, redis: Any, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._now = now
        self._local: OrderedDict[str, _Counts] = OrderedDict()

    async def hit(
        self, name: str, key: str, *, most: int, seconds: int, is_rough: bool = False
    ) -> None:
        """Count one hit. Raises LimitReached('too_many', limit, seconds) beyond ``most``.

        Refused hits are not counted, so that a caller is admitted again as the window slides.
        A rough limit uses Redis only from a quarter of ``most`` on, and then reports all hits:
        occasional callers cost no round trip, and with n processes at most n quarters of ``most``
        pass in addition. Rough limits must not guard passwords.
        """
        this = int(self._now() * SLICES / seconds)
        first = this - SLICES
        here = self._counts_of(f"{name}:{key}")
        if here.since(first) >= most:
            raise LimitReached("too_many", limit=most, seconds=seconds)
        here.by_slice[this] = here.by_slice.get(this, 0) + 1
        here.untold += 1
        if is_rough and here.since(first) <= most // 4:
            return
        if not await self._fits(f"rate:{name}:{key}:{seconds}", here, this, most, seconds):
            here.by_slice[this] -= 1
            raise LimitReached("too_many", limit=most, seconds=seconds)

    async def _fits(self, full: str, here: _Counts, this: int, most: int, seconds: int) -> bool:
        """Add the hits to Redis and compare the sum of all processes with ``most``.

        Without Redis the sum of this process is compared.
        """
        first = this - SLICES
        told, here.untold = here.untold, 0  # before the await, so that no hit is reported twice
        try:
            pipe = self._redis.pipeline(transaction=True)
            pipe.hincrby(full, str(this), told)
            pipe.hgetall(full)
            pipe.expire(full, seconds + seconds // SLICES + 1)
            found = {int(k): int(v) for k, v in (await pipe.execute())[1].items()}
            if sum(n for number, n in found.items() if number >= first) > most:
                await self._redis.hincrby(full, str(this), -1)
                return False
            if len(found) > _MOST_FIELDS:
                await self._redis.hdel(full, *(str(n) for n in found if n < first))
        except (RedisError, OSError):
            return here.since(first) <= most
        return True

    def _counts_of(self, key: str) -> _Counts:
        counts = self._local.pop(key, None) or _Counts()
        self._local[key] = counts
        while len(self._local) > _MOST_KEYS:
            self._local.popitem(last=False)
        return counts
