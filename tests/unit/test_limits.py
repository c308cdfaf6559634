"""Sliding limits: no window of the given length contains more than the limit."""

from __future__ import annotations

import asyncio
from typing import Any

import fakeredis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisDown

from kernel.errors import LimitReached
from kernel.web.limits import SLICES, Limiter
from tests.soak import examples

gaps = st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=60)


class NoRedis:
    """A fake Redis that cannot be reached."""

    def pipeline(self, **_: Any) -> Any:
        raise RedisDown("connection refused")


class Time:
    """A clock in seconds that the test sets."""

    def __init__(self, at: float = 1_700_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


async def passed(limiter: Limiter, most: int, seconds: int, **kind: bool) -> bool:
    try:
        await limiter.hit("door", "me", most=most, seconds=seconds, **kind)
    except LimitReached:
        return False
    return True


def run(work: Any) -> Any:
    return asyncio.run(work)


@pytest.mark.parametrize("redis", ["up", "down"])
@settings(max_examples=examples(60), deadline=None)
@given(waits=gaps, most=st.integers(1, 6), processes=st.integers(1, 3))
def test_no_window_holds_more_than_the_limit(
    redis: str, waits: list[float], most: int, processes: int
) -> None:
    seconds = 60

    async def play() -> None:
        now = Time()
        client: Any = fakeredis.FakeAsyncRedis() if redis == "up" else NoRedis()
        count = processes if redis == "up" else 1
        limiters = [Limiter(client, now) for _ in range(count)]
        let_in: list[float] = []
        for number, wait in enumerate(waits):
            now.at += wait
            if await passed(limiters[number % count], most, seconds):
                let_in.append(now.at)
        for begin in let_in:
            assert sum(begin <= at < begin + seconds for at in let_in) <= most
        now.at += seconds + seconds / SLICES
        assert await passed(limiters[0], most, seconds), "a quiet window frees every place"

    run(play())


@given(st.integers(1, 6), st.floats(0, 100, allow_nan=False))
def test_hits_up_to_the_limit_always_pass(most: int, offset: float) -> None:
    async def play() -> None:
        limiter = Limiter(NoRedis(), Time(1_700_000_000.0 + offset))
        assert [await passed(limiter, most, 60) for _ in range(most + 1)] == [True] * most + [
            False
        ]

    run(play())


@pytest.mark.parametrize("redis", ["up", "down"])
async def test_refused_hits_do_not_prolong_the_limit(redis: str) -> None:
    now = Time()
    client: Any = fakeredis.FakeAsyncRedis() if redis == "up" else NoRedis()
    limiter = Limiter(client, now)
    assert [await passed(limiter, 2, 60) for _ in range(3)] == [True, True, False]
    for _ in range(70):
        now.at += 1
        await passed(limiter, 2, 60)
    assert await passed(Limiter(client, now), 2, 60) is (redis == "down")
    now.at += 63
    assert await passed(limiter, 2, 60)


@pytest.mark.parametrize("is_rough", [False, True])
async def test_concurrent_hits_are_counted_once_and_limited(is_rough: bool) -> None:
    client = fakeredis.FakeAsyncRedis()
    one, other = Limiter(client, Time()), Limiter(client, Time())
    answers = await asyncio.gather(
        *(passed(one, 20, 60, is_rough=is_rough) for _ in range(12)),
        *(passed(other, 20, 60, is_rough=is_rough) for _ in range(30)),
    )
    assert 20 <= sum(answers) <= (20 + 2 * 5 if is_rough else 20)


async def test_redis_stores_a_bounded_number_of_slices() -> None:
    client, now = fakeredis.FakeAsyncRedis(), Time()
    limiter = Limiter(client, now)
    for _ in range(400):
        now.at += 3
        await passed(limiter, 1000, 60)
    assert await client.hlen("rate:door:me:60") <= 4 * SLICES + 1
    assert 0 < await client.ttl("rate:door:me:60") <= 64
