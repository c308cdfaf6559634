"""What ``app`` puts around handlers and jobs, so that nothing leaves while the hold lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.hold.service import is_held
from domain.outbox import Handler, Job, Periodic, Postpone
from kernel import clock
from kernel.store import Store

LOOK_AGAIN = timedelta(minutes=1)
HARMLESS_KINDS = frozenset({"payments.close", "orders.close", "push.receipt"})
"""They ask WeChat first and only end what nobody paid, or note what WeChat told."""

HELD_JOBS = frozenset({"commission_run", "payout_waiting", "cases.due"})


def held_handlers(store: Store, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Consequences that leave the house wait while the hold lasts; it costs no attempt."""
    return {
        kind: handler if kind in HARMLESS_KINDS else _held_handler(store, handler)
        for kind, handler in handlers.items()
    }


def held_jobs(store: Store, jobs: Sequence[Periodic]) -> list[Periodic]:
    """Releases, payouts and refunds by silence do nothing while the hold lasts."""
    return [_held_job(store, job) if job.name in HELD_JOBS else job for job in jobs]


def _held_handler(store: Store, handler: Handler) -> Handler:
    async def guarded(payload: dict[str, Any], job: Job, /) -> None:
        if await store.read(is_held):
            raise Postpone(clock.now() + LOOK_AGAIN, "held after a restore")
        await handler(payload, job)

    return guarded


def _held_job(store: Store, job: Periodic) -> Periodic:
    async def guarded() -> str:
        if await store.read(is_held):
            return "held after a restore"
        return await job.run()

    return replace(job, run=guarded)
