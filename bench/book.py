"""The ledger's checks after a year of trade: the hourly one and the full one.

``BOOK_TRANSFERS`` sets the number of transfers (default a million) to 1,000 distributors over 365
days. ``book:sealing`` measures the sealing of one day. Always runs on SQLite; on servers only if
``PG_URL`` and ``MYSQL_URL`` name a database that may be dropped (its name begins with ``bench``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.tools.report import in_turn, line, of_times, show
from bench.tools.shop import new_shop
from domain import ledger
from domain.ledger import Posting, member_account, merchant_account
from domain.ledger.sealing import closable_until, close_until, seal_next
from kernel import clock
from kernel.store import database
from models import Account, LedgerDay

LIMIT_IS = "the check that re-adds every transfer"
PEOPLE = 1_000
DAYS = 365
FEN = 7
FILL = """INSERT INTO ledger_transfer (idem_key, book, from_account_id, to_account_id, amount_fen,
reason, source_type, source_id, created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
SELECT {key}, 'CNY', {expense}, {first} + i % {people}, {fen}, 'bench', 'bench', i,
{start} + i * {step} FROM n"""


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine."""
    urls = {"sqlite": "", "postgresql": os.environ.get("PG_URL", ""),
            "mariadb": os.environ.get("MYSQL_URL", "")}  # fmt: skip
    for engine, url in urls.items():
        if url or engine == "sqlite":
            _measure(engine, url, quick)
        else:
            show({"bench": f"book_{engine}", "note": "left out: no database URL given"})


def _measure(engine: str, url: str, quick: bool) -> None:
    count = 5_000 if quick else int(os.environ.get("BOOK_TRANSFERS", "1000000"))
    with new_shop(url):
        _fill(engine, count)
        until = closable_until()
        assert until is not None
        with database.atomic():
            close_until(until)
        sealing = [_timed(seal_next) for _ in range(DAYS)]
        hourly, whole = in_turn(1 if quick else 3, lambda _: _look(ledger.check_open_days),
                                lambda _: _look(ledger.check_fully))  # fmt: skip
        rows = LedgerDay.select().count()
    note = f"{count} transfers, {PEOPLE} distributors, {rows} rows of sealed days"
    name = f"book_{engine}"
    show(line(name, hourly, whole, "checks/s", LIMIT_IS, note),
         line(f"{name}:whole", whole, [], "checks/s", "none", note),
         line(f"{name}:sealing", [of_times(sealing)], [], "days/s", "none", note))  # fmt: skip


def _look(check: Callable[[], ledger.Diagnosis]) -> Any:
    cpu, started = time.process_time(), time.perf_counter()
    found = check()
    seconds = time.perf_counter() - started
    assert not found.faults, found.faults[:3]
    return of_times([seconds], time.process_time() - cpu)


def _timed(seal: Callable[[], Any]) -> float:
    started = time.perf_counter()
    with database.atomic():
        seal()
    return time.perf_counter() - started


def _fill(engine: str, count: int) -> None:
    """Fill the ledger by one set-based insert, evenly over the days, with right balances."""
    expense = merchant_account("commission_expense")
    people = [member_account("available", n) for n in range(1, PEOPLE + 1)]
    first = [Posting(f"first:{p.owner_id}", expense, p, FEN, "bench") for p in people]
    with database.atomic():
        ledger.post(first, "bench", 1)
    known = Account.select(Account.id, Account.owner_id).where(Account.kind == "available")
    ids = sorted(int(row.id) for row in known)
    assert ids == list(range(ids[0], ids[0] + PEOPLE))
    payer = ledger.find_account(expense).id
    now = clock.now()
    start = int((now - timedelta(days=DAYS)).timestamp() * 1_000_000)
    step = timedelta(days=DAYS) // timedelta(microseconds=1) // (count + 1)
    sql = FILL.format(
        count=count, expense=payer, first=ids[0], people=PEOPLE, fen=FEN, start=start, step=step,
        key="CONCAT('k', i)" if engine == "mariadb" else "'k' || i",
    )  # fmt: skip
    if engine == "mariadb":
        database.execute_sql("SET SESSION max_recursive_iterations = 4294967295")
    with database.atomic():
        database.execute_sql(sql)
        more = dict.fromkeys(ids, 0)
        for place in range(PEOPLE):
            more[ids[0] + place] = count // PEOPLE + (1 <= place <= count % PEOPLE)
        for account, times in more.items():
            Account.update(balance_fen=Account.balance_fen + FEN * times).where(
                Account.id == account
            ).execute()
    if engine != "sqlite":
        analyze = "ANALYZE" if engine == "postgresql" else "ANALYZE TABLE ledger_transfer"
        database.execute_sql(analyze)


if __name__ == "__main__":
    main()
