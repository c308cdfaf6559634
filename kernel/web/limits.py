"""Request-rate limits: a sliding window per key in Redis; in-process when Redis is away.

A window is counted in slices of a twentieth. A limit looks at the slice that runs and the twenty
before it, so that never more than ``most`` pass within any ``seconds``, wherever they begin (a
fixed window lets twice as many through at its edge). The price: a place is free again after up to
one slice more than ``seconds``.
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
    """What a key did here, by slice, and how much of it Redis was not told yet."""

    by_slice: dict[int, int] = field(default_factory=dict)
    untold: int = 0

    def since(self, first: int) -> int:
        """The sum from a slice on; older ones are forgotten."""
        for old in [number for number in self.by_slice if number < first]:
            del self.by_slice[old]
        return sum(self.by_slice.values())


class Limiter:
    """Counts what a key did lately. ``now`` gives seconds, the same in every process."""

    def __init__(self, redis: Any, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._now = now
        self._local: OrderedDict[str, _Counts] = OrderedDict()

    async def hit(
        self, name: str, key: str, *, most: int, seconds: int, is_rough: bool = False
    ) -> None:
        """Count one. Raises LimitReached('too_many', limit, seconds) beyond ``most``.

        What is refused doesn't count: who was too quick is let in again as the window slides on.
        A rough limit asks Redis only from a quarter of ``most`` on, and then tells it all: who
        does a thing now and then costs nothing, and among n processes at most n quarters more
        pass. Not for what guards a password.
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
        """Tell Redis, and ask what all processes let through; without Redis what this one did."""
        first = this - SLICES
        told, here.untold = here.untold, 0  # before waiting: nothing is told twice
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
