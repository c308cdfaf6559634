"""Wrappers for handlers and jobs, which stop them during the hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.after_restore_hold.service import HELD, is_held
from domain.outbox import Did, Handler, Job, Periodic, Postpone
from kernel import clock
from kernel.faults import Fault, FaultKind
from kernel.store import Store

POSTPONED_BY = timedelta(minutes=1)
HARMLESS_KINDS = frozenset({"payments.close", "orders.close", "push.receipt", "reconcile.read"})
"""Kinds that only close what WeChat says is not paid, record a receipt, or read bills."""


def held_handlers(store: Store, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Handlers that postpone their rows during the hold; that costs no attempt."""
    return {
        kind: handler if kind in HARMLESS_KINDS else _held_handler(store, handler)
        for kind, handler in handlers.items()
    }


def held_jobs(store: Store, jobs: Sequence[Periodic]) -> list[Periodic]:
    """Jobs, of which those that stop in the hold do nothing while it lasts."""
    return [_held_job(store, job) if job.stops_in_hold else job for job in jobs]


def _held_handler(store: Store, handler: Handler) -> Handler:
    async def guarded(payload: dict[str, Any], job: Job, /) -> None:
        if await store.read(is_held):
            raise Postpone(clock.now() + POSTPONED_BY, Fault(HELD, FaultKind.WAITS))
        await handler(payload, job)

    return guarded


def _held_job(store: Store, job: Periodic) -> Periodic:
    async def guarded() -> Did:
        if await store.read(is_held):
            return {"is_held": True}
        return await job.run()

    return replace(job, run=guarded)
