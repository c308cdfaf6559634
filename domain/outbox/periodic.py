"""Periodic jobs (定时任务): rows with ``due_at``, leased like outbox rows.

A job is bounded, may be repeated, and returns what it did as figures by name. The process that
leases a due row runs it. Missed rounds are not made up one by one; the next run does all that is
due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kernel import clock, context, metrics
from kernel.faults import Fault, fault_of
from kernel.ids import token
from kernel.store import Store, insert_once, lock_row
from models import PeriodicJob

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 20.0
POLL_SECONDS = 1.0
GRACE_SECONDS = 20.0
RETRY_MAX = timedelta(minutes=10)
Did = Mapping[str, Any]
"""What a run did: figures by name, such as ``{"released": 3}``; a face has a sentence for them."""


@dataclass(frozen=True)
class Periodic:
    """A job that runs once in each ``every``.

    Without ``at`` it first runs at once. With it, rounds start at Shanghai midnight plus ``at``
    and every ``every`` after that: ``every=1 day, at=10 hours`` is ten in the morning. With
    ``stops_in_hold`` it does nothing while a restored database waits to be complete.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[Did]]
    at: timedelta | None = None
    stops_in_hold: bool = False

    def next_after(self, instant: datetime) -> datetime:
        """The first round after an instant."""
        if self.at is None:
            return instant + self.every
        first = clock.day_start(clock.business_day(instant)) + self.at
        rounds = (instant - first) // self.every + 1
        return first + rounds * self.every


class PeriodicRunner:
    """Runs periodic jobs in this process; any number of processes may do so."""

    def __init__(self, store: Store, jobs: Sequence[Periodic], name: str) -> None:
        self._store = store
        self._jobs = {job.name: job for job in jobs}
        self._name = f"{name[:38]}.{token(6)}"
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Run due jobs until ``stop``, looking each second; a long job delays no other."""
        is_prepared = False
        while not self._stopped.is_set():
            try:
                if not is_prepared:
                    await self.prepare()
                    is_prepared = True
                await self._begin_due()
            except Exception:
                log.exception("periodic jobs could not be read; trying again")
            waiting = asyncio.create_task(self._stopped.wait())
            await asyncio.wait((waiting,), timeout=POLL_SECONDS)
            waiting.cancel()
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=GRACE_SECONDS)
        for task in self._running.values():
            task.cancel()

    def stop(self) -> None:
        """Start no further job."""
        self._stopped.set()

    @property
    def is_idle(self) -> bool:
        """True while no job runs in this process."""
        return not self._running

    async def prepare(self) -> None:
        """Insert the rows of jobs that have none."""
        await self._store.write(_ensure, tuple(self._jobs.values()))

    async def run_due(self) -> int:
        """Run each due job once and wait for it; returns how many ran."""
        return sum(await asyncio.gather(*await self._begin_due()))

    async def _begin_due(self) -> list[asyncio.Task[bool]]:
        names = await self._store.read(_due, tuple(self._jobs.values()))
        return [self._begin(self._jobs[name]) for name in names if name not in self._running]

    def _begin(self, job: Periodic) -> asyncio.Task[bool]:
        task = asyncio.create_task(self._claim_and_run(job), name=f"periodic-{job.name}")
        self._running[job.name] = task
        task.add_done_callback(lambda _: self._running.pop(job.name))
        return task

    async def _claim_and_run(self, job: Periodic) -> bool:
        try:
            if not await self._store.write(_claim, job, self._name):
                return False
            await self._run(job)
        except Exception:
            # The lease expires, and the job is due again.
            log.exception("periodic job %s could not be claimed or marked", job.name)
        return True

    async def _run(self, job: Periodic) -> None:
        context.request_id.set(f"{job.name}-{token(4)}"[:36])
        context.actor.set(f"periodic:{job.name}"[:64])
        renewing = asyncio.create_task(self._renew(job.name))
        try:
            did, fault = await job.run(), None
        except Exception as error:
            log.exception("periodic job %s failed", job.name)
            did, fault = {}, fault_of(error)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
        await self._store.write(_record, job, self._name, did, fault)
        metrics.PERIODIC_RUNS.labels(job.name, "done" if fault is None else "failed").inc()
        if fault is None:
            # A round without work is not worth a line in the log.
            level = logging.INFO if any(did.values()) else logging.DEBUG
            log.log(level, "%s: %s", job.name, did)

    async def _renew(self, name: str) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self._store.write(_renew_lease, name, self._name)
            except Exception:
                log.exception("the lease of %s could not be renewed; trying again", name)


def _ensure(jobs: Sequence[Periodic]) -> None:
    now = clock.now()
    for job in jobs:
        first = now if job.at is None else job.next_after(now)
        insert_once(PeriodicJob, name=job.name, due_at=first)


def _due(jobs: Sequence[Periodic]) -> list[str]:
    """Names of jobs to run now, the longest overdue first."""
    every = {job.name: job.every for job in jobs}
    rows = PeriodicJob.select().where(PeriodicJob.name.in_(list(every)))
    return [
        row.name
        for row in sorted(rows, key=lambda row: (row.due_at, row.name))
        if _may_run(row, every[row.name])
    ]


def _may_run(row: PeriodicJob, every: timedelta) -> bool:
    """True if due and not leased. Due later than one round means due: the clock was set back."""
    now = clock.now()
    is_due = row.due_at <= now or row.due_at > now + every
    is_free = row.leased_until is None or row.leased_until < clock.system_now()
    return is_due and is_free


def _claim(job: Periodic, runner: str) -> bool:
    found = PeriodicJob.get_or_none(PeriodicJob.name == job.name)
    row = lock_row(PeriodicJob, found.id) if found is not None else None
    if row is None or not _may_run(row, job.every):
        return False
    PeriodicJob.update(leased_by=runner, leased_until=clock.system_now() + LEASE).where(
        PeriodicJob.id == row.id
    ).execute()
    return True


def _renew_lease(name: str, runner: str) -> None:
    PeriodicJob.update(leased_until=clock.system_now() + LEASE).where(
        (PeriodicJob.name == name) & (PeriodicJob.leased_by == runner)
    ).execute()


def _record(job: Periodic, runner: str, did: Did, fault: Fault | None) -> None:
    row = PeriodicJob.get(PeriodicJob.name == job.name)
    if row.leased_by != runner:
        return  # taken over meanwhile; the other run records its own result
    now = clock.now()
    failures = row.failures + 1 if fault else 0
    retry = now + min(job.every, RETRY_MAX, timedelta(seconds=10 * 2 ** min(failures, 10)))
    PeriodicJob.update(
        due_at=retry if fault else job.next_after(now),
        leased_by=None,
        leased_until=None,
        last_ran_at=now,
        last_did=None if fault else dict(did),
        last_result=fault.code if fault else None,
        last_result_facts=fault.stored if fault else None,
        failures=failures,
    ).where((PeriodicJob.id == row.id) & (PeriodicJob.leased_by == runner)).execute()
