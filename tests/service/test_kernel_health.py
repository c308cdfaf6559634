"""Health: "down" without the database, "degraded" without Redis, with the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.outbox import enqueue, queries
from kernel import clock, health
from kernel.store import Store


class Redis:
    """A fake Redis that answers, fails or hangs."""

    def __init__(self, error: Exception | None = None, *, hangs: bool = False) -> None:
        self._error, self._hangs = error, hangs

    async def ping(self) -> bool:
        if self._hangs:
            await asyncio.sleep(60)
        if self._error:
            raise self._error
        return True


@pytest.fixture(autouse=True)
def _nothing_added() -> Iterator[None]:
    before = dict(health._added)
    health._added.clear()
    yield
    health._added.clear()
    health._added.update(before)


async def test_a_healthy_process_reports_ok(store: Store) -> None:
    report = await health.check(store, Redis())
    assert (report.is_ready, report.summary) == (True, "ok")
    assert report.as_dict() == {
        "status": "ok", "ready": True, "parts": {"database": "ok", "redis": "ok"},
    }  # fmt: skip


async def test_without_redis_it_is_degraded_but_ready(store: Store) -> None:
    report = await health.check(store, Redis(ConnectionError("secret host name")))
    assert (report.is_ready, report.summary) == (True, "degraded: redis")
    assert report.as_dict()["parts"]["redis"] == "ConnectionError"


async def test_a_redis_that_hangs_is_not_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await health.check(store, Redis())).is_ready  # opens the connection
    monkeypatch.setattr(health, "LIMIT_SECONDS", 0.5)
    report = await health.check(store, Redis(hangs=True))
    assert report.summary == "degraded: redis"
    assert report.as_dict()["parts"]["redis"] == "no answer within 0.5 s"


async def test_without_the_database_it_is_down(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError("no route")

    monkeypatch.setattr(health, "_answers", broken)
    health.add("outbox", lambda: "not asked for then")
    report = await health.check(store, Redis())
    assert (report.is_ready, report.summary) == (False, "down: database")
    assert report.as_dict()["parts"] == {"database": "OSError", "redis": "ok"}


async def test_a_late_outbox_degrades(store: Store) -> None:
    health.add("outbox", queries.outbox_problem)
    await store.write(enqueue, "x", {})
    assert (await health.check(store, Redis())).summary == "ok"
    clock.set_offset(queries.LAG_MOST + timedelta(seconds=1))
    report = await health.check(store, Redis())
    assert (report.is_ready, report.summary) == (True, "degraded: outbox")
    assert report.as_dict()["parts"]["outbox"].startswith("the oldest row has waited 301")
