"""Shared round trips to Redis: who gets which answer, and what a failure in the middle costs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import fakeredis
import pytest

import kernel.round_trips
from bot.dedupe import Replies
from kernel.round_trips import RoundTrips
from tests.harness.redis_wires import Pool


class Flaky:
    """A Redis that counts the commands of each round trip; the answers of failed ones are lost."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self.sizes: list[int] = []
        self.fails = self.fails_once = False
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def connection_pool(self) -> Any:
        return Pool(_Counted(self, self._redis.connection_pool.make_connection()))


class _Counted:
    def __init__(self, flaky: Flaky, wire: Any) -> None:
        self._flaky, self._wire = flaky, wire

    async def send_packed_command(self, data: bytes) -> None:
        self._flaky.sizes.append(len(re.findall(rb"(?:\A|\r\n)\*[0-9]+\r\n", data)))
        await self._flaky.gate.wait()
        await self._wire.send_packed_command(data)

    async def read_response(self) -> Any:
        answer = await self._wire.read_response()
        if self._flaky.fails or self._flaky.fails_once:
            self._flaky.fails_once = False
            await self._wire.disconnect()
            raise ConnectionError("cut after the commands were executed")
        return answer


@pytest.fixture
async def redis() -> AsyncIterator[Any]:
    client = fakeredis.FakeAsyncRedis()
    yield client
    await client.aclose()


@pytest.fixture
def flaky(redis: Any) -> Flaky:
    return Flaky(redis)


async def test_commands_that_come_together_go_together(flaky: Flaky) -> None:
    trips = RoundTrips(flaky)
    answers = await asyncio.gather(*(trips.ask("SET", f"k{n}", n) for n in range(40)))
    got = await asyncio.gather(*(trips.ask("GET", f"k{n}") for n in range(40)))
    assert (len(answers), got) == (40, [str(n).encode() for n in range(40)])
    assert flaky.sizes == [40, 40]


async def test_what_arrives_during_a_round_trip_goes_with_the_next(flaky: Flaky) -> None:
    trips = RoundTrips(flaky)
    flaky.gate.clear()
    first = trips.ask("SET", "a", 1)
    await asyncio.sleep(0.01)
    more = [trips.ask("INCR", "a") for _ in range(3)]
    flaky.gate.set()
    assert (await first, [await each for each in more]) == (b"OK", [2, 3, 4])
    assert flaky.sizes == [1, 3]


async def test_a_refused_command_fails_for_its_caller_only(flaky: Flaky) -> None:
    trips = RoundTrips(flaky)
    await trips.ask("SET", "text", "x")
    bad, good = trips.ask("INCR", "text"), trips.ask("GET", "text")
    assert await good == b"x"
    with pytest.raises(kernel.round_trips.DOWN, match="not an integer"):
        await bad
    assert not trips.is_away


async def test_a_caller_that_gave_up_disturbs_nobody(flaky: Flaky) -> None:
    trips = RoundTrips(flaky)
    gone, stays = trips.ask("SET", "a", 1), trips.ask("GET", "a")
    gone.cancel()
    assert await stays == b"1"


async def test_a_failed_trip_fails_for_all_and_redis_is_left_alone_for_a_while(
    flaky: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips = RoundTrips(flaky)
    flaky.fails = True
    flaky.gate.clear()
    sent = [trips.ask("SET", "a", 1), trips.ask("SET", "b", 1)]
    await asyncio.sleep(0.01)
    queued = trips.ask("SET", "c", 1)
    flaky.gate.set()
    for each in (*sent, queued, trips.ask("GET", "a")):
        with pytest.raises(ConnectionError):
            await each
    assert (trips.is_away, flaky.sizes) == (True, [2, 2]), "tried again, then left alone"
    flaky.fails = False
    monkeypatch.setattr(trips, "_away_until", 0.0)
    assert await trips.ask("GET", "a") == b"1", "it was executed, though nobody heard of it"


# --- the pushes that share a failed round trip
ENDS_IN = 0.3


def _ends() -> float:
    return asyncio.get_running_loop().time() + ENDS_IN


async def test_a_round_trip_cut_in_the_middle_loses_and_doubles_no_push(
    redis: Any, flaky: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty pushes share a trip whose answers are lost; WeChat repeats them elsewhere."""
    monkeypatch.setattr("bot.dedupe.AWAY_SECONDS", 0.02)
    here, elsewhere = RoundTrips(flaky), RoundTrips(redis)
    one, other = Replies(here), Replies(elsewhere)
    keys = [f"m:{n}" for n in range(20)]
    flaky.fails = True
    claims = await asyncio.gather(*(one.claim(key, _ends()) for key in keys))
    assert claims == [None] * 20, "each is answered by the process that it came to"
    again = await asyncio.gather(*(one.claim(keys[0], _ends()) for _ in range(3)))
    assert again == [b"success"] * 3, "a retry waits for the first delivery"

    retried = asyncio.gather(*(other.claim(key, _ends() + 5) for key in keys))
    await asyncio.sleep(0.02)
    for key in keys:
        one.keep(key, f"reply to {key}".encode())
    flaky.fails = False
    monkeypatch.setattr(here, "_away_until", 0.0)
    assert await retried == [f"reply to {key}".encode() for key in keys]


async def test_a_command_that_was_sent_twice_is_still_one_s_own(redis: Any, flaky: Flaky) -> None:
    """After a lost connection the round trip is made again: the key is taken, by ourselves."""
    flaky.fails_once = True
    replies = Replies(RoundTrips(flaky))
    assert await replies.claim("m:1", _ends()) is None
    assert flaky.sizes == [1, 1, 1], "the claim, the same again, and whose it is"
    assert await Replies(RoundTrips(redis)).claim("m:1", _ends()) == b"success"


async def test_what_nobody_waits_for_goes_with_the_next_question(flaky: Flaky) -> None:
    trips = RoundTrips(flaky)
    told = trips.tell("SET", "a", 1)
    assert await trips.ask("GET", "a") == b"1"
    assert (told.done(), flaky.sizes) == (True, [2])
    flaky.gate.clear()
    asked = trips.ask("GET", "a")
    await asyncio.sleep(0.01)
    told = trips.tell("SET", "a", 2)
    flaky.gate.set()
    await asked
    assert flaky.sizes == [2, 1], "the end of a round trip begins none for it"
    assert await told == b"OK", "but it does not wait for long"


async def test_at_the_end_everything_is_written(redis: Any) -> None:
    trips = RoundTrips(redis)
    trips.tell("SET", "a", 1)
    trips.tell("SET", "b", 2)
    await trips.finish()
    assert await redis.mget("a", "b") == [b"1", b"2"]


async def test_a_reply_made_while_redis_was_away_is_shared_when_it_is_back(
    redis: Any, flaky: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dedupe.AWAY_SECONDS", 0.02)
    trips = RoundTrips(flaky)
    replies = Replies(trips)
    flaky.fails = True
    assert await replies.claim("m:1", _ends()) is None
    replies.keep("m:1", b"the reply")
    await asyncio.sleep(0.05)
    flaky.fails = False
    monkeypatch.setattr(trips, "_away_until", 0.0)
    async with asyncio.timeout(5):
        while await redis.get("push:m:1") != b"the reply":
            await asyncio.sleep(0.01)
    assert 50 <= await redis.ttl("push:m:1") <= 60
