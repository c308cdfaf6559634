"""The tree of bindings: bind a member, read an upline, count and list customers.

``TREE_MEMBERS`` sets the number of members (default a million). A tenth of them are direct
customers of one distributor, the hub.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from bench.tools.replay import Bare, recorded
from bench.tools.report import Round, in_turn, line, of_times, show
from bench.tools.shop import new_shop
from domain import distribution
from domain.distribution.service import binding
from kernel import clock
from kernel.store import database
from models import Binding, Distributor

LIMIT_IS = "the same statements by the bare driver"
HUB = 1
SELLERS = 1_000
FILLING = ("PRAGMA synchronous = off", "PRAGMA cache_size = -500000", "PRAGMA temp_store = memory")
INDEXES = """SELECT name, sql FROM sqlite_master
WHERE type = 'index' AND tbl_name IN ('member', 'binding') AND sql IS NOT NULL"""
MEMBER = """INSERT INTO member (id, public_no, state, created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
SELECT i, 'T' || i, 'active', {now} FROM n"""
BOND = """INSERT INTO binding (member_id, p1_id, p2_id, p3_id, version, bound_at)
SELECT id, {p1}, {p2}, {p3}, 0, {now} FROM member"""


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    count = 2_000 if quick else int(os.environ.get("TREE_MEMBERS", "1000000"))
    calls, rounds = (5, 1) if quick else (100, 4)
    with new_shop() as made:
        hub = _fill(count)
        free = iter(range(count - calls * (rounds + 2) * 2, count))
        _free_last(count, calls * (rounds + 2) * 2)
        bare = Bare(made.database_url)
        middle = [count // 2 + n * 7 for n in range(calls)]
        works: dict[str, Callable[[int], Any]] = {
            "bind": lambda _: binding.bind(next(free), 2, cause="link", is_new=True),
            "upline": lambda n: binding.chain_of(middle[n], clock.now()),
            "customers_count": lambda n: distribution.customer_count(2 + n),
            "customers_page": lambda n: distribution.list_customers(2 + n),
            "hub_count": lambda _: distribution.customer_count(HUB),
            "hub_page": lambda _: distribution.list_customers(HUB),
        }
        note = f"{count} members, the hub has {hub} direct customers"
        for name, work in works.items():
            times = min(calls, 10) if name == "hub_count" else calls
            figure, limit = in_turn(
                rounds,
                lambda _, work=work, times=times: _ours(work, times),
                lambda _, work=work, times=times: _bare(bare, work, times),
            )
            show(line(f"tree_{name}", figure, limit, "calls/s", LIMIT_IS, note))
        bare.connection.close()


def _ours(work: Callable[[int], Any], times: int) -> Round:
    taken, cpu = [], time.process_time()
    for number in range(times):
        started = time.perf_counter()
        with database.atomic():
            work(number)
        taken.append(time.perf_counter() - started)
    return of_times(taken, time.process_time() - cpu)


def _bare(bare: Bare, work: Callable[[int], Any], times: int) -> Round:
    calls = [recorded(lambda n=n: work(n)) for n in range(times)]
    cpu = time.process_time()
    taken = [bare.together([each]) for each in calls]
    return of_times(taken, time.process_time() - cpu)


def _fill(count: int) -> int:
    """Insert members and bindings, every tenth to the hub; returns the hub's customers."""
    for pragma in FILLING:
        database.execute_sql(pragma)
    now = int(clock.now().timestamp() * 1_000_000)
    p1 = f"CASE WHEN id = {HUB} THEN NULL WHEN id % 10 = 0 THEN {HUB} ELSE 2 + id % {SELLERS} END"
    above = f"CASE WHEN id <= {SELLERS} + 2 THEN NULL ELSE {HUB} END"
    indexes = database.execute_sql(INDEXES).fetchall()
    with database.atomic():
        for name, _ in indexes:  # created again afterwards, which takes half the time
            database.execute_sql(f'DROP INDEX "{name}"')
        database.execute_sql(MEMBER.format(count=count, now=now))
        first = f"CASE WHEN id <= {SELLERS} + 2 THEN NULLIF({HUB}, id) ELSE ({p1}) END"
        database.execute_sql(BOND.format(p1=first, p2=above, p3="NULL", now=now))
        for _, made in indexes:
            database.execute_sql(made)
        for seller in range(HUB, SELLERS + 3):
            Distributor.insert(
                member=seller, display_name=f"分销商{seller}", referral_code=f"T{seller:05d}",
                state="active", terms_version="1", applied_at=clock.now(),
            ).execute()  # fmt: skip
    database.execute_sql("ANALYZE")
    database.close()  # also drops the pragmas of FILLING
    return int(Binding.select().where(Binding.p1 == HUB).count())


def _free_last(count: int, some: int) -> None:
    """Remove the bindings of the last members, which are to be bound by the benchmark."""
    Binding.delete().where(Binding.member > count - some - 1).execute()


if __name__ == "__main__":
    main()
