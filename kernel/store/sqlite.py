"""SQLite, the embedded default: one process, one writer thread with group commit, reader threads.

The writer runs up to 128 jobs, or 20 ms of work, in one BEGIN IMMEDIATE, each job in a savepoint,
and answers all of them after COMMIT. If SQLite ends the transaction itself (disk full, I/O error)
or COMMIT fails, the whole batch is rolled back and each job runs again alone.
"""

from __future__ import annotations

import asyncio
import contextvars
import fcntl
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from peewee import (  # type: ignore[attr-defined]
    OperationalError,
    SqliteDatabase,
    __exception_wrapper__,
)

from kernel import metrics
from kernel.store import disk_state
from kernel.store.base import StoreClosed
from kernel.store.jobs import Job, settle
from kernel.store.keys import CommandKey

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)
_WRITTEN = metrics.STORE_WRITES.labels("ok")
_statements = logging.getLogger("peewee")

BATCH_JOBS = 128
BATCH_SECONDS = 0.020
READERS = 4
READER_CACHE = -1_000
"""Pages that a reader's connection keeps, in KiB with a minus: the system keeps the rest.

Each connection has a cache of its own. With 32 MB for each of six a large shop would take 190.
"""

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "cache_size": -8_000,
    "wal_autocheckpoint": 2_000,
}


class AlreadyRunning(RuntimeError):
    """Another process holds this SQLite file, which only one process may serve."""


class _TransactionLost(Exception):
    """SQLite itself rolled the whole batch back."""


class EmbeddedDatabase(SqliteDatabase):
    """SQLite that refuses statements after it has ended a transaction itself.

    Otherwise a verb that caught the error would write its further rows without a transaction.
    """

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement. Raises OperationalError if SQLite has ended the transaction."""
        state: Any = self._state  # type: ignore[attr-defined]
        if state.closed:
            self.connect()
        connection = state.conn
        if state.transactions and not connection.in_transaction:
            raise OperationalError("SQLite has ended the transaction")
        if self.query_hooks or _statements.isEnabledFor(logging.DEBUG):
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        try:
            return connection.execute(sql, params or ())
        except sqlite3.Error:
            with __exception_wrapper__:  # as peewee's own errors
                raise


class ProcessLock:
    """The file lock that makes a process the only server of a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None

    def take(self) -> None:
        """Hold the lock until ``release``. Raises AlreadyRunning."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            self._file = None
            raise AlreadyRunning(str(self._path)) from error

    def release(self) -> None:
        """Release the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None


class SqliteStore:
    """The store on SQLite."""

    def __init__(self, db: SqliteDatabase, lock: ProcessLock | None = None) -> None:
        self._db = db
        self._lock = lock
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._peeked = False
        self._readers = ThreadPoolExecutor(READERS, "store-read", self._open_reader)
        self._writer = threading.Thread(target=self._write_loop, name="store-write", daemon=True)
        if lock is not None:
            lock.take()
        self._writer.start()

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Queue a verb for the writer; returns after its batch is committed.

        Cancelling the caller does not stop the verb.
        """
        return await self._written(partial(fn, *args, **kwargs), None)

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Queue a verb as ``write`` does, once per key."""
        return await self._written(partial(fn, *args, **kwargs), key)

    async def _written(self, call: Callable[[], T], key: CommandKey | None) -> T:
        if self._closed:
            raise StoreClosed("the store is closed")
        started = time.monotonic()
        job = Job(call, key)
        self._jobs.put(job)
        try:
            result: T = await job.waiter
        except Exception as error:
            disk_state.record_write(error)
            metrics.STORE_WRITES.labels("failed").inc()
            raise
        disk_state.record_write(None)
        _WRITTEN.inc()
        metrics.STORE_WRITE_SECONDS.observe(time.monotonic() - started)
        return result

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on a reader thread, whose connection is read-only."""
        if self._closed:
            raise StoreClosed("the store is closed")
        call = partial(contextvars.copy_context().run, fn, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._readers, call)

    report = read

    async def peek(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query of a few rows by key at once, on the calling thread's connection.

        SQLite releases the GIL with every row. Under load a reader thread would wait for the
        event loop once per row, which costs more than the query.
        """
        if self._closed:
            raise StoreClosed("the store is closed")
        if self._db.is_closed():
            self._db.connect()
            self._peeked = True
        return fn(*args, **kwargs)

    async def close(self) -> None:
        """Let queued jobs finish, then stop the threads and close their connections."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._close_readers)
        if self._peeked and not self._db.is_closed():
            self._db.close()
        if self._lock is not None:
            self._lock.release()

    def _open_reader(self) -> None:
        connection = self._db.connection()
        connection.execute("PRAGMA query_only = 1")
        connection.execute(f"PRAGMA cache_size = {READER_CACHE}")

    def _close_readers(self) -> None:
        barrier = threading.Barrier(READERS)

        def close_mine() -> None:
            barrier.wait(timeout=30)
            self._db.close()

        for done in [self._readers.submit(close_mine) for _ in range(READERS)]:
            done.result()
        self._readers.shutdown()

    def _write_loop(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch, is_last = self._collect(first)
            while batch:
                count = self._one_transaction(batch)
                settle(batch[:count])
                batch = batch[count:]
            if is_last:
                break
        self._db.close()

    def _collect(self, first: Job) -> tuple[list[Job], bool]:
        batch = [first]
        while len(batch) < BATCH_JOBS:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False

    def _one_transaction(self, jobs: list[Job]) -> int:
        """Run jobs until all are done or 20 ms have passed, and commit; returns how many ran."""
        started, count = time.monotonic(), 0
        try:
            self._begin()
            for job in jobs:
                count += 1
                self._in_savepoint(job)
                if time.monotonic() - started > BATCH_SECONDS:
                    break
            self._db.commit()
            self._db.pop_transaction()
        except Exception as error:
            self._undo()
            count = max(count, 1)
            if count > 1:
                log.warning("%d verbs were undone, each runs again alone: %r", count, error)
            metrics.STORE_RETRIES.labels("undone").inc(count)
            for job in jobs[:count]:
                self._run_alone(job)
        else:
            metrics.STORE_BATCH_JOBS.observe(count)
        return count

    def _in_savepoint(self, job: Job) -> None:
        connection = self._db.connection()
        connection.execute("SAVEPOINT job")
        try:
            job.run()
        except BaseException as error:
            if not connection.in_transaction:
                raise _TransactionLost(str(error)) from error
            connection.execute("ROLLBACK TO job")
            job.error = error
        if not connection.in_transaction:
            raise _TransactionLost
        connection.execute("RELEASE job")

    def _run_alone(self, job: Job) -> None:
        """Run one job in its own transaction; any error becomes the job's result."""
        try:
            self._begin()
            job.run()
            self._db.commit()
            self._db.pop_transaction()
        except BaseException as error:
            self._undo()
            job.error = error

    def _begin(self) -> None:
        self._db.begin("IMMEDIATE")
        # peewee then opens savepoints, not transactions, for nested atomic() blocks
        self._db.push_transaction(object())

    def _undo(self) -> None:
        """Roll back; if that fails, close the connection."""
        while self._db.transaction_depth():
            self._db.pop_transaction()
        try:
            if self._db.connection().in_transaction:
                self._db.rollback()
        except Exception:
            log.exception("the writer opens a new connection")
            self._db.close()
