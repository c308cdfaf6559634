"""PostgreSQL and MariaDB/MySQL: a thread pool with one connection per thread.

A verb is run up to three times: on deadlock, lock timeout or serialization failure, and if the
connection was lost before COMMIT was sent. If it was lost during COMMIT, the outcome is not known:
with a command key the result is looked up, without one ``Unknown`` is raised.

Commands of one lane share a transaction, each in a savepoint. If that transaction fails, each
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
from kernel.store import disk_state
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
    """The store on a server database."""

    def __init__(self, db: Database, threads: int = 8) -> None:
        self._db = db
        self._threads = threads
        self._closed = False
        self._pool = ThreadPoolExecutor(threads, "store")
        self._lanes = Lanes(self._pool, self._together)

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in one READ COMMITTED transaction; returns after COMMIT.

        Cancelling the caller does not stop the verb. Raises Retryable('database_busy') and
        Unknown('commit_unknown').
        """
        return await self._written(partial(fn, *args, **kwargs), None)

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a verb as ``write`` does, once per key; commands of one lane share transactions."""
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
            disk_state.record_write(error)
            metrics.STORE_WRITES.labels("failed").inc()
            raise
        disk_state.record_write(None)
        _WRITTEN.inc()
        metrics.STORE_WRITE_SECONDS.observe(time.monotonic() - started)
        return result

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on the primary; if the connection is lost, once more on a new one."""
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
                # if an earlier tap succeeded, this refusal ("sold out") is caused by that success
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
        """Look a command's stored result up. Raises Unknown if the database does not answer."""
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
        """BEGIN … COMMIT. Raises _CommitUnknown if the connection is lost during COMMIT."""
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
        """Execute a batch of a lane and settle each command."""
        metrics.STORE_BATCH_JOBS.observe(len(jobs))
        if len(jobs) == 1 or not self._in_one_transaction(jobs):
            for job in jobs:
                job.run_by(self._write)
        settle(jobs)

    def _in_one_transaction(self, jobs: list[Job]) -> bool:
        """Run a batch in one transaction; False if it failed or its COMMIT is uncertain.

        Each command is then run alone, and its key shows whether it had been committed.
        """
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
        """Run one command in a savepoint; its own error rolls back only itself.

        Raises database errors, which concern the whole transaction.
        """
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
    """Replace a refusal by the stored result if an earlier tap of the same key succeeded."""
    assert job.key is not None
    try:
        found = stored_result(job.key)
    except DomainError as error:
        job.error = error
        return
    if found is not None:
        job.result, job.error = found.result, None


class _CommitUnknown(Exception):
    """The connection was lost during COMMIT."""


def drop_connection(db: Database) -> None:
    """Close this thread's connection even if it is broken or in a transaction."""
    while db.transaction_depth():
        db.pop_transaction()
    try:
        db.close()
    except Exception:
        db.dispose()
