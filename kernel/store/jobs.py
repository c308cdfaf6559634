"""A verb that waits to run in a shared transaction, and the future of its caller."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Callable, Sequence
from typing import Any

from kernel.store.base import begin_collecting, make_calls
from kernel.store.commands import command
from kernel.store.keys import CommandKey


class Job:
    """One waiting verb with its caller's context and its result.

    ``waiter`` is a future of the caller's loop. Cancelling the caller cancels only the future: the
    verb runs to its end, and its result is dropped.
    """

    __slots__ = ("_call", "_context", "_is_settled", "_loop", "after", "error", "key", "result",
                 "waiter")  # fmt: skip

    def __init__(self, call: Callable[[], Any], key: CommandKey | None) -> None:
        self._call = call
        self.key = key
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self.waiter: asyncio.Future[Any] = self._loop.create_future()
        self._is_settled = False
        self.after: list[Callable[[], None]] = []
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Call the verb in the caller's context; called again after a rolled-back batch."""
        self.result, self.error = None, None
        self.result = self._context.run(self._collecting)

    def run_by(self, write: Callable[..., Any]) -> None:
        """Run the verb by ``write(verb, key)``, which opens a transaction of its own."""
        self.result, self.error, self.after = None, None, []
        try:
            self.result = self._context.run(write, self._call, self.key)
        except BaseException as error:
            self.error = error

    def fail(self, error: BaseException) -> None:
        """Give the caller an error, unless it has its result already."""
        if not self._is_settled:
            self.error = error
            settle([self])

    def _collecting(self) -> Any:
        self.after = begin_collecting()
        return command(self.key, self._call) if self.key else self._call()


def settle(jobs: Sequence[Job]) -> None:
    """Give callers their results, once their verbs are committed or rolled back.

    Each event loop is woken once for all of its callers.
    """
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if job.error is None:
            make_calls(job.after)
        job._is_settled = True
        by_loop.setdefault(job._loop, []).append(job)
    for loop, answered in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, so no caller waits
            loop.call_soon_threadsafe(_answer, answered)


def _answer(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.waiter.done():  # its caller was cancelled
            continue
        error = job.error
        if isinstance(error, StopIteration):  # a future does not accept it
            error = RuntimeError("a verb raised StopIteration")
        if error is not None:
            job.waiter.set_exception(error)
        else:
            job.waiter.set_result(job.result)
