"""A verb that waits for its turn in a transaction with others, and its caller's answer."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kernel.store.base import begin_collecting, make_calls
from kernel.store.commands import CommandKey, command


class Job:
    """One verb waiting for the writer, with the caller's context and its answer."""

    __slots__ = ("_call", "_context", "after", "error", "future", "key", "result")

    def __init__(self, call: Callable[[], Any], key: CommandKey | None) -> None:
        self._call = call
        self.key = key
        self._context = contextvars.copy_context()
        self.future: Future[Any] = Future()
        self.future.set_running_or_notify_cancel()  # from here on nobody can cancel it
        self.after: list[Callable[[], None]] = []
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Call the verb in the caller's context; may be called again after an undone batch."""
        self.result, self.error = None, None
        self.result = self._context.run(self._collecting)

    def run_by(self, write: Callable[..., Any]) -> None:
        """Have ``write(verb, key)`` give it a transaction, and make its after-commit calls."""
        self.result, self.error, self.after = None, None, []
        try:
            self.result = self._context.run(write, self._call, self.key)
        except BaseException as error:
            self.error = error

    def settle(self) -> None:
        """Give the caller its answer; the verb is committed or undone."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            make_calls(self.after)
            self.future.set_result(self.result)

    def fail(self, error: BaseException) -> None:
        """Answer with an error, unless the caller has an answer already."""
        if not self.future.done():
            self.future.set_exception(error)

    def _collecting(self) -> Any:
        self.after = begin_collecting()
        return command(self.key, self._call) if self.key else self._call()
