"""Lanes of a rush: commands that want the same row take turns here, not in the database.

Left to the database, each would hold a thread and a connection while it waits for the row, and
pay for a COMMIT of its own. In a lane one thread works at a time, and whoever has come meanwhile
goes into its next transaction together with the others. A command that comes alone goes alone:
nothing waits for company. Which lane a command takes is its verb's own knowledge: ``in_lane``.
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
    """Commands of this verb queue where ``choose`` says, from their arguments: ``sku:12``.

    On a server database those of one lane that come while one is under way go into the next
    transaction together. None: the command goes alone.
    """

    def mark(verb: Callable[P, T]) -> Callable[P, T]:
        verb.lane = choose  # type: ignore[attr-defined]
        return verb

    return mark


def lane_of(verb: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> str | None:
    """The lane of one command; None for a verb that is in none."""
    choose: Callable[P, str | None] | None = getattr(verb, "lane", None)
    return choose(*args, **kwargs) if choose is not None else None


class Lanes:
    """The commands that wait, by lane; ``run`` carries some of them out and settles them."""

    def __init__(self, pool: ThreadPoolExecutor, run: Callable[[list[Job]], None]) -> None:
        self._pool = pool
        self._run = run
        self._guard = threading.Condition()
        self._waiting: dict[str, list[Job]] = {}

    def put(self, lane: str, job: Job) -> None:
        """Join a lane; the first one there sets it going."""
        with self._guard:
            if lane in self._waiting:
                self._waiting[lane].append(job)
                return
            self._waiting[lane] = [job]
        self._pool.submit(self._turn, lane)

    def wait_until_empty(self) -> None:
        """Return when nobody waits any more; the pool still has to be there until then."""
        with self._guard:
            self._guard.wait_for(lambda: not self._waiting)

    def _turn(self, lane: str) -> None:
        with self._guard:
            line = self._waiting[lane]
            batch, self._waiting[lane] = line[:MOST_TOGETHER], line[MOST_TOGETHER:]
        try:
            self._run(batch)
        except BaseException as error:
            # a fault of ours: those in it hear so, those behind must not wait for ever
            for job in batch:
                job.fail(error)
        with self._guard:
            if not self._waiting[lane]:
                del self._waiting[lane]
                self._guard.notify_all()
                return
        # at the end of the pool's queue, so that other work has its turn between two of ours
        self._pool.submit(self._turn, lane)
