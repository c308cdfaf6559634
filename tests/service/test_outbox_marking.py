"""Marking handled rows as done: together, and not those whose lease was lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.outbox import Job, claims, enqueue
from kernel import clock
from kernel.errors import Retryable
from kernel.metrics import REGISTRY
from kernel.store import Store
from models import OutboxRow
from tests.factories.outbox import Recorder, make_worker, row_states


def _steal(row_id: int) -> None:
    OutboxRow.update(leased_by="another", attempts=2).where(OutboxRow.id == row_id).execute()


def _handled(outcome: str) -> float:
    labels = {"kind": "x", "outcome": outcome}
    return REGISTRY.get_sample_value("fenmall_outbox_handled_total", labels) or 0.0


async def test_rows_whose_handlers_return_together_are_marked_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    real = claims.finish_all

    def spy(rows: Any, worker: str) -> None:
        batches.append(len(rows))
        real(rows, worker)

    def verb() -> None:
        for number in range(40):
            enqueue("x", {"n": number})

    monkeypatch.setattr(claims, "finish_all", spy)
    await store.write(verb)
    assert await make_worker(store, {"x": Recorder()}).drain() == 40
    assert await store.read(row_states) == [("done", 1)] * 40
    assert sum(batches) == 40
    assert len(batches) <= 3


async def test_a_lost_lease_does_not_affect_rows_marked_with_it(store: Store) -> None:
    async def handle(payload: dict[str, Any], job: Job) -> None:
        if payload["n"] == 2:
            await store.write(_steal, job.id)
        await asyncio.sleep(0.05)

    def verb() -> None:
        for number in range(5):
            enqueue("x", {"n": number})

    await store.write(verb)
    lost = _handled("lost")
    await make_worker(store, {"x": handle}).drain(most=1)
    rows = await store.read(lambda: list(OutboxRow.select().order_by(OutboxRow.id)))
    assert [row.state for row in rows] == ["done", "done", "leased", "done", "done"]
    assert rows[2].leased_by == "another"
    assert _handled("lost") == lost + 1


async def test_rows_that_could_not_be_marked_are_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(rows: Any, worker: str) -> None:
        raise Retryable("database_busy")

    def verb() -> None:
        for number in range(3):
            enqueue("x", {"n": number})

    await store.write(verb)
    worker = make_worker(store, {"x": Recorder()})
    with monkeypatch.context() as patched:
        patched.setattr(claims, "finish_all", broken)
        await worker.drain()
    assert await store.read(row_states) == [("due", 1)] * 3
    clock.set_offset(timedelta(minutes=1))
    await worker.drain()
    assert await store.read(row_states) == [("done", 2)] * 3
