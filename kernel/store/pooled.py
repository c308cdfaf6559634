"""PostgreSQL and MariaDB/MySQL: a thread pool with one connection per thread.

A verb runs again from its start, at most three times, on deadlock, lock timeout or serialization
failure, and when its connection died before COMMIT was sent. When it died during COMMIT nobody
knows: a verb with a command key is looked up, one without fails with ``Unknown``.

Commands of one lane share a transaction, each in a savepoint; when that transaction fails, each
runs again alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from peewee import Database, PeeweeException

from kernel import metrics
from kernel.errors import DomainError, Retryable, Unknown
from kernel.store import ailing
from kernel.store.base import StoreClosed, begin_collecting, make_calls
from kernel.store.commands import command, stored_result
from kernel.store.failures import is_gone, retry_cause
from kernel.store.jobs import Job, settle
from kernel.store.keys import CommandKey
from kernel.store.lanes import Lanes, lane_of

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)
_WRITTEN = metrics.STORE_WRITES.labels("ok")

TRIES = 3
_CLOSE_SECONDS = 30


class PooledStore:
    """The store seam on a server database."""

    def __init__(self, db: Database, threads: int = 8) -> None:
        self._db = db
        self._threads = threads
        self._closed = False
        self._pool = ThreadPoolExecutor(threads, "store")
        self._lanes = Lanes(self._pool, self._together)

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in one READ COMMITTED transaction; answers after COMMIT.

        A caller that is cancelled no longer waits, but its verb runs to the end.
        """
        return await self._written(partial(fn, *args, **kwargs), None)

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a verb as ``write`` does, once per key; those of one lane go together."""
        return await self._written(partial(fn, *args, **kwargs), key, lane_of(fn, *args, **kwargs))

    async def _written(
        self, call: Callable[[], T], key: CommandKey | None, lane: str | None = None
    ) -> T:
        started = time.monotonic()
        if key is not None and lane is not None:
            future = self._join(lane, Job(call, key))
        else:
            future = self._submit(partial(self._write, call, key))
        try:
            result: T = await asyncio.shield(future)
        except Unknown:
            metrics.STORE_WRITES.labels("unknown").inc()
            raise
        except Exception as error:
            ailing.note(error)
            metrics.STORE_WRITES.labels("failed").inc()
            raise
        ailing.note(None)
        _WRITTEN.inc()
        metrics.STORE_WRITE_SECONDS.observe(time.monotonic() - started)
        return result

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on the primary; once more on a new connection if the first was dead."""
        return await self._submit(partial(self._read, partial(fn, *args, **kwargs)))

    report = read
    peek = read

    async def close(self) -> None:
        """Let queued and running verbs finish, then close the connections."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close_all)

    def _submit(self, call: Callable[[], T]) -> asyncio.Future[T]:
        if self._closed:
            raise StoreClosed("the store is closed")
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._pool, partial(context.run, call))

    def _join(self, lane: str, job: Job) -> asyncio.Future[Any]:
        if self._closed:
            raise StoreClosed("the store is closed")
        self._lanes.put(lane, job)
        return job.waiter

    def _close_all(self) -> None:
        self._lanes.wait_until_empty()
        barrier = threading.Barrier(self._threads)

        def close_mine() -> None:
            barrier.wait(timeout=_CLOSE_SECONDS)
            drop_connection(self._db)

        for done in [self._pool.submit(close_mine) for _ in range(self._threads)]:
            done.result()
        self._pool.shutdown()

    def _read(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except PeeweeException as error:
            if not is_gone(error):
                raise
            drop_connection(self._db)
        metrics.STORE_RETRIES.labels("gone").inc()
        return call()

    def _write(self, call: Callable[[], T], key: CommandKey | None) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return self._transaction(call, key)
            except _CommitUnknown as error:
                if key is None:
                    raise Unknown("commit_unknown", str(error)) from error
                if (found := self._find(key)) is not None:
                    return found.result  # type: ignore[no-any-return]
                cause: str | None = "gone"
            except DomainError:
                # a tap before this one may have done it: then "sold out" would be about itself
                if key is not None and (found := self._find(key)) is not None:
                    return found.result  # type: ignore[no-any-return]
                raise
            except PeeweeException as error:
                cause = retry_cause(error)
                if cause is None:
                    raise
                if attempt == TRIES:
                    raise Retryable("database_busy", cause) from error
            metrics.STORE_RETRIES.labels(cause).inc()
            time.sleep(random.uniform(0.002, 0.02) * attempt * attempt)  # noqa: S311
        raise Retryable("database_busy", "gone")

    def _find(self, key: CommandKey) -> Any:
        """What became of a command whose COMMIT was not answered. Raises Unknown."""
        try:
            return self._read(partial(stored_result, key))
        except PeeweeException as error:
            raise Unknown("commit_unknown", str(error)) from error

    def _transaction(self, call: Callable[[], T], key: CommandKey | None) -> T:
        calls = begin_collecting()
        with self._committing():
            result: T = command(key, call) if key else call()
        make_calls(calls)
        return result

    @contextlib.contextmanager
    def _committing(self) -> Iterator[None]:
        """BEGIN … COMMIT. Raises _CommitUnknown when the connection died during COMMIT."""
        db = self._db
        try:
            db.begin()
            # peewee then opens savepoints, not transactions, for nested atomic() blocks
            db.push_transaction(object())
            yield
        except BaseException as error:
            self._abandon(error)
            raise
        db.pop_transaction()
        try:
            db.commit()
        except PeeweeException as error:
            self._abandon(error)
            if is_gone(error):
                raise _CommitUnknown(str(error)) from error
            raise

    def _together(self, jobs: list[Job]) -> None:
        """Carry out the commands that met in a lane, and answer each."""
        metrics.STORE_BATCH_JOBS.observe(len(jobs))
        if len(jobs) == 1 or not self._in_one_transaction(jobs):
            for job in jobs:
                job.run_by(self._write)
        settle(jobs)

    def _in_one_transaction(self, jobs: list[Job]) -> bool:
        """False if nothing of it stands, or nobody knows: then each finds out alone by its key."""
        try:
            with self._committing():
                for job in jobs:
                    self._in_savepoint(job)
        except (PeeweeException, _CommitUnknown) as error:
            log.info("%d commands of a lane run again, each alone: %r", len(jobs), error)
            metrics.STORE_RETRIES.labels("undone").inc(len(jobs))
            return False
        return True

    def _in_savepoint(self, job: Job) -> None:
        """What fails by itself is undone alone. Raises what concerns the whole transaction."""
        self._db.execute_sql("SAVEPOINT job")
        try:
            job.run()
        except PeeweeException:
            raise
        except BaseException as error:
            self._db.execute_sql("ROLLBACK TO SAVEPOINT job")
            job.error = error
            if isinstance(error, DomainError):
                _look_again(job)
        self._db.execute_sql("RELEASE SAVEPOINT job")

    def _abandon(self, error: BaseException) -> None:
        db = self._db
        while db.transaction_depth():
            db.pop_transaction()
        if is_gone(error):
            drop_connection(db)
            return
        try:
            db.rollback()
        except PeeweeException:
            drop_connection(db)


def _look_again(job: Job) -> None:
    """A tap before this one may have done it: then "sold out" would be about itself."""
    assert job.key is not None
    try:
        found = stored_result(job.key)
    except DomainError as error:
        job.error = error
        return
    if found is not None:
        job.result, job.error = found.result, None


class _CommitUnknown(Exception):
    """The connection died while COMMIT was under way."""


def drop_connection(db: Database) -> None:
    """Close this thread's connection even if it is broken or in a transaction."""
    while db.transaction_depth():
        db.pop_transaction()
    try:
        db.close()
    except Exception:
        db.dispose()
