"""Counting a person's messages while Redis is down, slow, or has lost its data."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import fakeredis
import pytest

from bot import patience
from bot.call import Call
from kernel import clock
from kernel.chat import Text
from kernel.round_trips import RoundTrips
from kernel.web.limits import Limiter
from tests.face.conftest import BrokenRedis
from tests.harness.redis_wires import Pool, SilentWire


class Silent:
    """A fake Redis that never answers."""

    connection_pool = Pool(SilentWire())

    def pipeline(self, **_: Any) -> Any:
        """Return a pipeline that never answers."""
        return self

    def hincrby(self, *_: Any) -> None:
        """Accept a command."""

    hgetall = expire = execute_command = hincrby

    def __getattr__(self, _: str) -> Any:
        async def wait(*_: Any, **__: Any) -> None:
            await asyncio.Event().wait()

        return wait


def said(redis: Any, words: str = "多久发货") -> Call:
    """The call for a message of a person."""
    deps = SimpleNamespace(trips=RoundTrips(redis), limiter=Limiter(redis))
    return Call(Text("o1", "gh", clock.now(), "1", words), 7, cast("Any", deps), cast("Any", None))


@pytest.mark.parametrize("redis", [BrokenRedis(), Silent()], ids=["gone", "silent"])
async def test_without_redis_each_time_is_the_first_and_the_reply_is_not_delayed(
    redis: Any,
) -> None:
    call = said(redis)
    async with asyncio.timeout(5):
        assert [await patience.times(call, "insult") for _ in range(3)] == [1, 1, 1]
        await patience.forgive(call)
        for _ in range(6):  # Redis is queried from the sixth message on
            assert await patience.too_much(call) is None


async def test_another_kind_begins_a_new_count() -> None:
    redis = fakeredis.FakeAsyncRedis()
    call = said(redis)
    kinds = ("insult", "insult", "nothing", "nothing", "nothing", "insult")
    assert [await patience.times(call, kind) for kind in kinds] == [1, 2, 1, 2, 3, 1]
    await patience.forgive(call)
    assert await patience.times(call, "insult") == 1
    await redis.delete("unfit:o1")  # as if Redis lost its data
    assert await patience.times(call, "insult") == 1
    await redis.aclose()


async def test_counts_are_read_from_a_redis_that_answers_in_text() -> None:
    redis = fakeredis.FakeAsyncRedis(decode_responses=True)
    call = said(redis)
    assert [await patience.times(call, "insult") for _ in range(2)] == [1, 2]
    await redis.aclose()


async def test_the_process_remembers_a_bounded_number_of_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "MOST_HERE", 2)
    redis = fakeredis.FakeAsyncRedis()
    for n in range(4):
        call = said(redis)
        call.message = Text(f"o{n}", "gh", clock.now(), "1", "x")
        await patience.times(call, "insult")
    assert len(patience._unfit_lately) == 2
    await redis.aclose()
