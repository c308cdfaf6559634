"""The ledger: three transfers posted within one verb, as the commission of a line at three levels.

The limit updates the same balances and inserts the same rows by the bare driver, in as many
transactions. ``ledger_…:seam`` is the same verb by ``store.write``, one at a time, with BEGIN,
COMMIT and the switches between threads. Always runs on SQLite; on servers only if ``PG_URL`` and
``MYSQL_URL`` name a database that may be dropped (its name begins with ``bench``).
"""

from __future__ import annotations

import asyncio
import os
import time
from itertools import count
from typing import Any

from bench.tools.replay import Bare
from bench.tools.report import Round, in_turn, line, of_times, show
from bench.tools.shop import new_shop
from domain import ledger
from domain.ledger import Posting, member_account, merchant_account
from kernel import clock
from kernel.store import Store, database, store_for
from models import Account

LIMIT_IS = "the bare driver updating and inserting the same rows, as many transactions"
MEMBERS = 300
FEN = 130
MOVE = (
    "UPDATE account SET balance_fen = balance_fen + {m} WHERE id = {m} AND balance_fen + {m} >= 0"
)
BOOK = """INSERT INTO ledger_transfer (idem_key, book, from_account_id, to_account_id, amount_fen,
reason, source_type, source_id, created_at) VALUES {rows}"""
EXPENSE = merchant_account("commission_expense")


class Books:
    """The accounts of the postings, and a running number for each verb."""

    def __init__(self) -> None:
        self._numbers = count(1)
        people = [self._earner(n) for n in range(MEMBERS)]
        with database.atomic():
            first = [
                Posting(f"first:{n}", EXPENSE, who, FEN, "first") for n, who in enumerate(people)
            ]
            ledger.post(first, "bench", 1)
        rows = Account.select(Account.id, Account.kind, Account.owner_id)
        self._ids = {(row.kind, row.owner_id): int(row.id) for row in rows}
        database.close()

    def post(self) -> None:
        """Post the three transfers by the domain."""
        number = next(self._numbers)
        ledger.post(
            [
                Posting(f"commission:{number}:{level}", EXPENSE, self._earner(3 * number + level),
                        FEN, "commission")
                for level in range(3)
            ],
            "order", number,
        )  # fmt: skip

    def send(self, cursor: Any, mark: str) -> None:
        """Write the same rows by the bare driver."""
        number = next(self._numbers)
        expense = self._ids[EXPENSE.kind, 0]
        earners = [self._earner(3 * number + level) for level in range(3)]
        ids = [self._ids[each.kind, each.owner_id] for each in earners]
        for account in sorted(ids):
            cursor.execute(MOVE.format(m=mark), (FEN, account, FEN))
        now = int(clock.now().timestamp() * 1_000_000)
        values: list[Any] = []
        for level, account in enumerate(ids):
            values += [f"commission:{number}:{level}", "CNY", expense, account, FEN, "commission",
                       "order", number, now]  # fmt: skip
        row = "(" + ", ".join([mark] * 9) + ")"
        cursor.execute(BOOK.format(rows=", ".join([row] * 3)), values)

    def _earner(self, number: int) -> Any:
        return member_account("commission_pending", 1 + number % MEMBERS)


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine."""
    urls = {"sqlite": "", "postgresql": os.environ.get("PG_URL", ""),
            "mariadb": os.environ.get("MYSQL_URL", "")}  # fmt: skip
    for engine, url in urls.items():
        if url or engine == "sqlite":
            _measure(engine, url, quick)
        else:
            show({"bench": f"ledger_{engine}", "note": "left out: no database URL given"})


def _measure(engine: str, url: str, quick: bool) -> None:
    verbs, rounds = (5, 1) if quick else (200, 8)
    with new_shop(url) as made:
        books, bare = Books(), Bare(made.database_url)
        store = store_for(database.obj, threads=1, lock=False)
        with asyncio.Runner() as runner:
            seam, ours, limit = in_turn(
                rounds,
                lambda _: runner.run(_through_the_seam(store, books, verbs)),
                lambda _: runner.run(_ours(store, books, verbs)),
                lambda _: _bare(bare, books, verbs),
            )
            runner.run(store.close())
        bare.connection.close()
        faults = ledger.check_fully().faults
        assert not faults, faults[:3]
    note = "three transfers a verb"
    show(line(f"ledger_{engine}", ours, limit, "verbs/s", LIMIT_IS, note),
         line(f"ledger_{engine}:seam", seam, limit, "verbs/s", LIMIT_IS, note))  # fmt: skip


async def _ours(store: Store, books: Books, verbs: int) -> Round:
    """Measure only the time between BEGIN and COMMIT, without the store's overhead."""
    taken, cpu = [], 0.0
    for _ in range(verbs):
        seconds, used = await store.write(_timed, books)
        taken.append(seconds)
        cpu += used
    return of_times(taken, cpu)


def _timed(books: Books) -> tuple[float, float]:
    started, used = time.perf_counter(), time.thread_time()
    books.post()
    return time.perf_counter() - started, time.thread_time() - used


def _bare(bare: Bare, books: Books, verbs: int) -> Round:
    taken, cpu = [], 0.0
    mark = "?" if bare.engine == "sqlite" else "%s"
    cursor = bare.connection.cursor()
    for _ in range(verbs):
        if bare.engine == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        started, used = time.perf_counter(), time.thread_time()
        books.send(cursor, mark)
        cpu += time.thread_time() - used
        taken.append(time.perf_counter() - started)
        bare.connection.commit()
    return of_times(taken, cpu)


async def _through_the_seam(store: Store, books: Books, verbs: int) -> Round:
    taken: list[float] = []
    cpu = time.process_time()
    for _ in range(verbs):
        started = time.perf_counter()
        await store.write(books.post)
        taken.append(time.perf_counter() - started)
    return of_times(taken, time.process_time() - cpu)


if __name__ == "__main__":
    main()
