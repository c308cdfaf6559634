"""The outbox: rows claimed, handled and closed per second by 1, 2 and 4 worker processes.

Runs on servers if ``PG_URL`` and ``MYSQL_URL`` name a database that may be dropped (its name
begins with ``bench``). The handler does nothing, so that only the queue is measured. ``:verb`` is
a handler that marks its row as done in a verb of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench.tools.processes import started
from bench.tools.replay import Bare
from bench.tools.report import Round, in_turn, line, show
from bench.tools.shop import in_rows, new_shop
from domain.outbox import Handler, Job, LocalWake, Worker
from kernel import clock
from kernel.store import database, open_store
from models import OutboxRow

KIND = "bench.nothing"
HOW = ("returned", "verb", "bare")
LIMIT_IS = "the bare driver claiming fifty and closing each, as many processes"
FIND = (
    "SELECT id, payload FROM outbox_row WHERE state = 'due' AND next_at <= %s "
    "ORDER BY next_at, id LIMIT 50 FOR UPDATE SKIP LOCKED"
)
TAKE = "UPDATE outbox_row SET state = 'leased', leased_by = %s, attempts = 1 WHERE id IN ({ids})"
DONE = "UPDATE outbox_row SET state = 'done', done_at = %s, leased_by = NULL WHERE id = %s"


def main(*, quick: bool = False) -> None:
    """Measure and print for each engine and number of workers."""
    for engine, name in (("postgresql", "PG_URL"), ("mariadb", "MYSQL_URL")):
        if url := os.environ.get(name, ""):
            with new_shop(url):
                database.close()
                for workers in (1,) if quick else (1, 2, 4):
                    _measure(engine, url, workers, quick)
        else:
            show({"bench": f"jobs_{engine}", "note": f"left out: no {name} given"})


def _measure(engine: str, url: str, workers: int, quick: bool) -> None:
    rows, rounds = (40, 1) if quick else (300, 3)
    with contextlib.ExitStack() as stack:
        crews = [stack.enter_context(_crew(how, url, workers)) for how in HOW]
        returned, verb, limit = in_turn(
            rounds, *(lambda _, crew=crew: _round(crew, rows) for crew in crews)
        )
    name, note = f"jobs_{engine}_{workers}", f"{workers} workers, {rows} rows a round"
    show(line(name, returned, limit, "rows/s", LIMIT_IS, note),
         line(f"{name}:verb", verb, limit, "rows/s", LIMIT_IS, note))  # fmt: skip


@contextlib.contextmanager
def _crew(how: str, url: str, workers: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start worker processes that empty the queue at each command."""
    code = f"import bench.jobs; bench.jobs.work({how!r}, {url!r})"
    with contextlib.ExitStack() as stack:
        crew = [stack.enter_context(started([sys.executable, "-c", code])) for _ in range(workers)]
        for each in crew:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        yield crew


def _round(crew: list[subprocess.Popen[str]], rows: int) -> Round:
    """Fill the queue, start all workers at once, and measure the time until it is empty."""
    now = clock.now()
    in_rows(OutboxRow, [
        {"kind": KIND, "payload": {"n": n}, "next_at": now, "request_id": "-", "created_at": now}
        for n in range(rows)
    ])  # fmt: skip
    began = time.perf_counter()
    for each in crew:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    answers = [each.stdout.readline().split() for each in crew if each.stdout is not None]
    seconds = max(float(ended) for ended, _ in answers) - began
    cpu = sum(float(used) for _, used in answers) * 1000 / rows
    left = OutboxRow.select().where(OutboxRow.state != "done").count()
    assert left == 0, f"{left} rows are left"
    OutboxRow.delete().execute()
    database.close()
    return Round(rows, seconds, cpu_ms=cpu)


def work(how: str, url: str) -> None:
    """The main function of a worker process: empties the queue for each line that it reads."""
    if how == "bare":
        bare = Bare(url)
        for _ in _words():
            cpu = time.process_time()
            _bare(bare)
            _say(cpu)
    else:
        asyncio.run(_ours(url, _ends_in_a_verb if how == "verb" else _returns))


async def _returns(_payload: dict[str, Any], _job: Job, /) -> None:
    """A handler that does nothing."""


async def _ends_in_a_verb(_payload: dict[str, Any], job: Job, /) -> None:
    await job.done_in(lambda: None)


async def _ours(url: str, handler: Handler) -> None:
    store = open_store(url)
    worker = Worker(store, {KIND: handler}, f"bench:{os.getpid()}", LocalWake())
    await store.read(lambda: OutboxRow.select().count())
    for _ in _words():
        cpu = time.process_time()
        while await worker.drain():
            pass
        _say(cpu)
    await store.close()


def _bare(bare: Bare) -> None:
    connection = bare.connection
    cursor = connection.cursor()
    now = int(clock.now().timestamp() * 1_000_000)
    while True:
        cursor.execute(FIND, (now,))
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            marks = ", ".join(["%s"] * len(ids))
            cursor.execute(TAKE.format(ids=marks), (f"bench:{os.getpid()}", *ids))
        connection.commit()
        if not ids:
            return
        for row_id in ids:
            cursor.execute(DONE, (now, row_id))
            connection.commit()


def _words() -> Iterator[str]:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    yield from sys.stdin


def _say(cpu: float) -> None:
    sys.stdout.write(f"{time.perf_counter()} {time.process_time() - cpu}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
