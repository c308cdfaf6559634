"""The worker: it leases due rows and runs their handlers, each at least once.

A handler is ``async def handle(payload, job)``. It runs flows. Its last step is best written with
``await job.done_in(verb, …)``, which marks the row done in the verb's transaction. The row of a
handler that just returns is marked done afterwards.

Errors: ``Refused`` and ``DomainError`` make the row a dead letter at once, since repeating changes
nothing. ``LimitReached``, ``Retryable``, ``Unknown`` and bugs are retried later. ``Unknown`` may
be retried because flows query the result of a call before they repeat it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from domain.outbox import claims, queries
from domain.outbox.claims import Claimed, LeaseLost, Outcome
from domain.outbox.ports import WakePort
from kernel import context, metrics
from kernel.errors import DomainError, LimitReached, Refused
from kernel.faults import Fault, fault_of
from kernel.store import Store

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL_SECONDS = 1.0
RENEW_SECONDS = 20.0
CLAIM_TRIES = 3
_LINE = 1000


class Postpone(Exception):
    """Raised by a handler whose work can't be done yet (quota, hold); costs no attempt."""

    def __init__(self, until: datetime, why: Fault) -> None:
        super().__init__(why)
        self.until = until
        self.why = why


class Job:
    """The row that a handler works on."""

    def __init__(self, store: Store, row: Claimed, worker: str) -> None:
        self._store = store
        self._worker = worker
        self.row = row
        self.is_done = False

    @property
    def id(self) -> int:
        """The row's id, a stable part of idempotency keys and out-numbers."""
        return self.row.id

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1."""
        return self.row.attempt

    @property
    def fault(self) -> Fault | None:
        """Why the last attempt failed, or None."""
        return self.row.fault

    async def done_in(self, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run the verb and mark the row done in one transaction. Raises LeaseLost."""
        row = self.row
        result: T = await self._store.write(
            claims.finish_with, row.id, self._worker, row.attempt, verb, *args, **kwargs
        )
        self.is_done = True
        return result


class Handler(Protocol):
    """Carries out one kind of row; may be run again from any of its steps."""

    async def __call__(self, payload: dict[str, Any], job: Job, /) -> None: ...


@dataclass(frozen=True)
class Limits:
    """The limits of a worker."""

    concurrency: int = 16
    max_attempts: int = claims.MAX_ATTEMPTS
    job_seconds: float = 300.0
    grace_seconds: float = 20.0


class Worker:
    """Runs the outbox in this process; any number of workers may run at once."""

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        name: str,
        wake: WakePort,
        limits: Limits = Limits(),
    ) -> None:
        self._store = store
        self._handlers = dict(handlers)
        self._name = name[:48]
        self._wake = wake
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._closing = _Closing(store, self._name)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._held: dict[int, Claimed] = {}
        self._begun: set[int] = set()
        self._nudge = asyncio.Event()
        self._stopping = False
        self._is_claiming = False

    async def run(self) -> None:
        """Work until ``stop`` is called or this task is cancelled."""
        helpers = [asyncio.create_task(self._listen()), asyncio.create_task(self._renew())]
        try:
            while not self._stopping:
                self._nudge.clear()
                await self._claim_safely()
                await self._nudge.wait()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._wind_down()

    def stop(self) -> None:
        """Begin no further row; ``run`` returns after the begun ones, or after the grace time."""
        self._stopping = True
        self._nudge.set()

    @property
    def is_idle(self) -> bool:
        """True while no row is in work or being leased here."""
        return not self._tasks and not self._is_claiming

    async def drain(self, most: int = 10_000) -> int:
        """Run all rows that are due, and those that they add; returns how many ran."""
        ran = 0
        while ran < most and (rows := await self._claim()):
            await asyncio.gather(*(self._attempt(row) for row in rows))
            ran += len(rows)
        return ran

    async def _claim(self) -> list[Claimed]:
        free = claims.BATCH - len(self._tasks)
        if free <= 0 or not self._handlers:
            return []
        for _ in range(CLAIM_TRIES):
            found = await self._store.read(claims.find_runnable, tuple(self._handlers), free)
            if not found:
                return []
            rows = await self._store.write(
                claims.lease_rows, found, self._name, self._limits.max_attempts
            )
            if rows or not found.due:
                return rows
            # Other workers leased all rows that were seen; there may be more behind them.
        return []

    async def _claim_safely(self) -> None:
        self._is_claiming = True
        try:
            rows = await self._claim()
        except Exception:
            log.exception("the outbox could not be read; trying again")
            return
        finally:
            self._is_claiming = False  # nothing is awaited between here and the tasks
        for row in rows:
            self._held[row.id] = row
            task = asyncio.create_task(self._in_a_slot(row), name=f"outbox-{row.id}")
            self._tasks[row.id] = task
            task.add_done_callback(partial(self._ended, row))
        if len(rows) > 1:
            self._nudge.set()  # the look was full, so there are probably more

    def _ended(self, row: Claimed, _: asyncio.Task[None]) -> None:
        was_full = len(self._tasks) >= claims.BATCH
        del self._tasks[row.id], self._held[row.id]
        self._begun.discard(row.id)
        if row.order_key is not None or was_full:
            self._nudge.set()

    async def _in_a_slot(self, row: Claimed) -> None:
        async with self._slots:
            if self._stopping:
                await self._store.write(claims.return_rows, [row], self._name)
                return
            self._begun.add(row.id)
            await self._attempt(row)

    async def _attempt(self, row: Claimed) -> None:
        context.request_id.set(row.request_id)
        context.actor.set(f"outbox:{row.kind}"[:64])
        started = time.monotonic()
        try:
            outcome = await self._handle(row)
        except Exception:
            # The row stays leased; when the lease expires it is due again.
            log.exception("row %d could not be marked", row.id)
            outcome = Outcome.LOST
        metrics.OUTBOX_SECONDS.labels(row.kind).observe(time.monotonic() - started)
        metrics.OUTBOX_HANDLED.labels(row.kind, outcome.value).inc()

    async def _handle(self, row: Claimed) -> Outcome:
        handler, job = self._handlers[row.kind], Job(self._store, row, self._name)
        try:
            async with asyncio.timeout(self._limits.job_seconds):
                await handler(row.payload, job)
            if not job.is_done:
                await self._closing.finish(row)
            return Outcome.DONE
        except LeaseLost:
            return Outcome.LOST
        except Postpone as later:
            return await self._store.write(
                claims.postpone, row, self._name, later.until, later.why
            )
        except Exception as error:
            return await self._failed(row, error)

    async def _failed(self, row: Claimed, error: Exception) -> Outcome:
        if await self._store.read(claims.is_done, row.id):
            log.warning("row %d is done, but its handler then failed: %r", row.id, error)
            return Outcome.DONE
        hopeless = isinstance(error, Refused | DomainError) and not isinstance(error, LimitReached)
        outcome = await self._store.write(
            claims.record_failed_attempt,
            row,
            self._name,
            fault_of(error),
            self._limits.max_attempts,
            hopeless=hopeless,
        )
        text = f"{type(error).__name__}: {error}"[:_LINE]
        expected = isinstance(error, Refused | DomainError) or outcome is Outcome.RETRIED
        log.warning(
            "outbox row %d (%s), attempt %d: %s: %s",
            row.id, row.kind, row.attempt, outcome.value, text,
            exc_info=None if expected else error,
        )  # fmt: skip
        return outcome

    async def _listen(self) -> None:
        """Look at the queue on each wake-up and each second."""
        while True:
            try:
                await self._wake.wait(POLL_SECONDS)
            except Exception:
                log.exception("waking is out of order; polling each second")
                await asyncio.sleep(POLL_SECONDS)
            self._nudge.set()

    async def _renew(self) -> None:
        """Renew the leases of running rows; a row whose lease was lost is stopped."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            mine = list(self._tasks)
            if not mine:
                continue
            try:
                held = await self._store.write(claims.renew_leases, mine, self._name)
            except Exception:
                log.exception("leases could not be renewed; trying again")
                continue
            for row_id in set(mine) - held:
                await self._cancel_if_lost(row_id)

    async def _cancel_if_lost(self, row_id: int) -> None:
        task = self._tasks.get(row_id)
        if task is not None and not await self._store.read(claims.is_done, row_id):
            log.warning("the lease of row %d was lost", row_id)
            task.cancel()

    async def _wind_down(self) -> None:
        """Let begun rows finish within the grace time, then return the others."""
        begun = [task for row_id, task in self._tasks.items() if row_id in self._begun]
        unfinished = [row for row in self._held.values() if row.id not in self._begun]
        for row in unfinished:
            self._tasks[row.id].cancel()
        if begun:
            await asyncio.wait(begun, timeout=self._limits.grace_seconds)
            unfinished += [row for row in self._held.values() if row.id in self._begun]
        late = list(self._tasks.values())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await self._closing.settle()
        if unfinished:
            await self._store.write(claims.return_rows, unfinished, self._name)


class _Closing:
    """Marks rows whose handlers returned, several in one transaction.

    Rows that end while a transaction runs go into the next. If a lease was lost, each row is
    marked in a transaction of its own, so that the others are not affected.
    """

    def __init__(self, store: Store, worker: str) -> None:
        self._store = store
        self._worker = worker
        self._ended: list[tuple[Claimed, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def finish(self, row: Claimed) -> None:
        """Return when the row is marked. Raises LeaseLost and the database's errors."""
        marked = asyncio.get_running_loop().create_future()
        self._ended.append((row, marked))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await marked

    async def settle(self) -> None:
        """Wait for a running transaction."""
        if self._writing is not None:
            await asyncio.wait((self._writing,))

    async def _write(self) -> None:
        while self._ended:
            batch, self._ended = self._ended, []
            try:
                await self._store.write(claims.finish_all, [row for row, _ in batch], self._worker)
            except LeaseLost:
                await self._one_by_one(batch)
            except Exception as error:
                _answer(batch, error)
            else:
                _answer(batch, None)
        self._writing = None

    async def _one_by_one(self, batch: list[tuple[Claimed, asyncio.Future[None]]]) -> None:
        for one in batch:
            row = one[0]
            try:
                await self._store.write(claims.finish_row, row.id, self._worker, row.attempt)
            except Exception as error:
                _answer([one], error)
            else:
                _answer([one], None)


def _answer(batch: list[tuple[Claimed, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, marked in batch:
        if marked.done():
            continue  # its waiter was cancelled
        if error is None:
            marked.set_result(None)
        else:
            marked.set_exception(error)


class LocalWake:
    """Wakes the workers of one process; enough for the embedded database."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleepers: set[asyncio.Future[None]] = set()

    def wake(self) -> None:
        """Wake the workers, from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._rouse)

    async def wait(self, seconds: float) -> None:
        """Return when woken, or after ``seconds``."""
        self._loop = asyncio.get_running_loop()
        sleeper = self._loop.create_future()
        self._sleepers.add(sleeper)
        try:
            await asyncio.wait((sleeper,), timeout=seconds)
        finally:
            self._sleepers.discard(sleeper)

    def _rouse(self) -> None:
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_result(None)


async def record_depth(store: Store) -> queries.Counts:
    """Set the outbox's size and lag in the metrics; called regularly by ``app``."""
    counts = await store.read(queries.counts)
    metrics.OUTBOX_ROWS.labels("due").set(counts.due)
    metrics.OUTBOX_ROWS.labels("leased").set(counts.leased)
    metrics.OUTBOX_ROWS.labels("dead").set(counts.dead)
    metrics.OUTBOX_LAG_SECONDS.set(counts.lag.total_seconds())
    return counts
