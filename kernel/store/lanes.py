"""Lanes (抢购排队): commands that lock the same row queue here instead of in the database.

In the database each would hold a thread and a connection while it waits for the row lock, and need
a COMMIT of its own. A lane is processed by one thread at a time: the commands that arrived during
a transaction share the next one. A single command is never delayed to collect others. The verb
names its lane with ``in_lane``. See docs/adr/0008-lanes-for-a-rush.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from kernel.store.jobs import Job

P = ParamSpec("P")
T = TypeVar("T")

MOST_TOGETHER = 64


def in_lane(
    choose: Callable[P, str | None],
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a verb: ``choose`` names a command's lane (``sku:12``) from its arguments.

    On server databases the commands of a lane share transactions. With None as its lane, a
    command has a transaction of its own.
    """

    def mark(verb: Callable[P, T]) -> Callable[P, T]:
        verb.lane = choose  # type: ignore[attr-defined]
        return verb

    return mark


def lane_of(verb: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> str | None:
    """The lane of one command; None if its verb has none."""
    choose: Callable[P, str | None] | None = getattr(verb, "lane", None)
    return choose(*args, **kwargs) if choose is not None else None


class Lanes:
    """The waiting commands by lane; ``run`` executes a batch and settles it."""

    def __init__(self, pool: ThreadPoolExecutor, run: Callable[[list[Job]], None]) -> None:
        self._pool = pool
        self._run = run
        self._guard = threading.Condition()
        self._waiting: dict[str, list[Job]] = {}

    def put(self, lane: str, job: Job) -> None:
        """Add a command to a lane; the first one schedules it."""
        with self._guard:
            if lane in self._waiting:
                self._waiting[lane].append(job)
                return
            self._waiting[lane] = [job]
        self._pool.submit(self._turn, lane)

    def wait_until_empty(self) -> None:
        """Block until no command waits; the pool must still be running."""
        with self._guard:
            self._guard.wait_for(lambda: not self._waiting)

    def _turn(self, lane: str) -> None:
        with self._guard:
            line = self._waiting[lane]
            batch, self._waiting[lane] = line[:MOST_TOGETHER], line[MOST_TOGETHER:]
        try:
            self._run(batch)
        except BaseException as error:
            # unexpected: fail this batch, and go on with the commands behind it
            for job in batch:
                job.fail(error)
        with self._guard:
            if not self._waiting[lane]:
                del self._waiting[lane]
                self._guard.notify_all()
                return
        # submitted anew, so that other work of the pool runs between two batches
        self._pool.submit(self._turn, lane)
