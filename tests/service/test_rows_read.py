"""The number of rows that frequent pages read with 100,000 orders is bounded.

A plan over ten rows proves nothing, so this test fills the tables and lets the engine count the
rows read: PostgreSQL by EXPLAIN ANALYZE, MariaDB by its handler counters, SQLite by the steps of
its virtual machine, which are some tens per row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import peewee
import pytest

from bench.tools.trade import FIRST, Trade
from domain import audit, distribution, members, orders, overview, push
from domain.orders import OrderFilter
from domain.overview.sealing import KEPT_DAYS
from kernel import clock
from kernel.store import is_sqlite
from models import (
    AuditEntry,
    Binding,
    CampaignCount,
    Commission,
    Delivery,
    Distributor,
    Member,
    Order,
    OrderLine,
    ProductDay,
    PushCampaign,
    SalesDay,
    SystemEvent,
    VisitDay,
)
from tests.factories.catalog import make_product

ORDERS = 100_000
PAGE = 31
FILLED = (Member, Distributor, Binding, Order, OrderLine, Commission, PushCampaign, Delivery,
          CampaignCount, AuditEntry, SystemEvent)  # fmt: skip
STEPS_A_ROW = 40
_READ = re.compile(r"rows=([0-9]+) loops=([0-9]+)\)|Removed by Filter: ([0-9]+)")
Query = Callable[[], Any]


def _desk(**wanted: Any) -> Query:
    return lambda: orders.list_orders(OrderFilter(limit=PAGE, **wanted))


def _old_month() -> Any:
    start = clock.now() - timedelta(days=900)
    return _desk(placed_from=start, placed_to=start + timedelta(days=30))()


# the most rows by query: those shown with related rows, or the days of a sum
PAGES: dict[str, tuple[Query, int]] = {
    "desk": (_desk(), 300),
    "to_ship": (_desk(tab="to_ship"), 700),
    "done": (_desk(tab="done"), 2_000),
    "an old month": (_old_month, 700),
    "phone's end": (_desk(words="4321"), 300),
    "masked phone": (_desk(words="13800004321"), 300),
    "name": (_desk(words="王"), 500),
    "nobody's name": (_desk(words="欧阳小明"), 50),
    "order's number": (_desk(words="ORDYEAR1000000004321"), 200),
    "nobody's parcel": (_desk(words="SF1000000000123"), 50),
    "name and phone": (_desk(words="罗 4321"), 500),
    "desk counts": (orders.order_counts, 4_000),
    "to do": (overview.todo, 2_000),
    "best sellers": (lambda: overview.list_best_sellers(clock.now() - timedelta(days=30)), 20_000),
    "days": (lambda: overview.list_days(60), 20_000),
    "members": (lambda: members.list_members(limit=PAGE), 300),
    "troubles": (overview.list_troubles, 1_000),
    "distributors": (lambda: distribution.list_distributors(limit=PAGE), 3_000),
    "owed": (distribution.owed_figures, 2_000),
    "sold in a month": (distribution.sold_in_a_month, 10_000),
    "commission": (lambda: distribution.list_commission(limit=PAGE), 700),
    "campaigns": (lambda: push.list_campaigns(limit=PAGE), 200),
    "campaign": (lambda: push.campaign_detail(FIRST + 1), 50),
    "campaign's people": (lambda: push.list_deliveries(FIRST + 1, limit=PAGE), 300),
    "campaign's failures": (
        lambda: push.list_deliveries(FIRST + 1, "failed", limit=PAGE), 300
    ),
    "audit": (lambda: audit.history(limit=PAGE), 100),
    "audit of settings": (lambda: audit.history("setting", limit=PAGE), 5_000),
    "audit of nobody": (lambda: audit.history(actor="nobody", limit=PAGE), 50),
    "events": (lambda: audit.system_history(limit=PAGE), 100),
    "events of a kind": (lambda: audit.system_history(action="refund.mismatch", limit=PAGE), 100),
    "events of payments": (lambda: audit.system_history("payment", limit=PAGE), 5_000),
    "an order's both logs": (lambda: audit.timeline("order", FIRST + 7, limit=20), 100),
    "no event": (lambda: audit.system_history(action="nothing", limit=PAGE), 50),
}  # fmt: skip
# after closed days were summed: these sums, the last two days, and the first day's remainder
CLOSED: dict[str, tuple[Query, int]] = {
    "best sellers": (lambda: overview.list_best_sellers(clock.now() - timedelta(days=30)), 4_000),
    "days": (lambda: overview.list_days(60), 2_000),
}
IN_VAIN = ("troubles", "nobody's name", "nobody's parcel", "audit of nobody", "no event")


def test_pages_read_a_bounded_number_of_rows_however_long_the_history(db: Any) -> None:
    make_product(stock=ORDERS)
    trade = Trade(ORDERS, campaigns=3)
    trade.fill(FILLED)
    try:
        read = {name: _rows_read(db, name, query) for name, (query, _) in PAGES.items()}
        trade.fill((VisitDay,))
        with db.atomic():
            assert overview.seal_due() == KEPT_DAYS
        closed = {name: _rows_read(db, name, query) for name, (query, _) in CLOSED.items()}
    finally:
        _empty(db)
    assert {name: n for name, n in read.items() if n > PAGES[name][1]} == {}
    assert {name: n for name, n in closed.items() if n > CLOSED[name][1]} == {}


def _rows_read(db: Any, name: str, query: Query) -> int:
    assert bool(query()) == (name not in IN_VAIN), name  # also fills the process's caches
    if is_sqlite():
        return _steps(db, query) // STEPS_A_ROW
    if isinstance(db, peewee.MySQLDatabase):
        db.execute_sql("FLUSH STATUS")
        query()
        found = db.execute_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'").fetchall()
        return sum(int(count) for _, count in found)
    return sum(_explained(db, sql, params) for sql, params in _said(query))


def _explained(db: Any, sql: str, params: Any) -> int:
    """Count what the plan's scans return and what they skip; sorts and joins read no table."""
    found = db.execute_sql("EXPLAIN ANALYZE " + sql, params).fetchall()
    plan = "\n".join(line for (line,) in found if " Scan" in line or "Removed by" in line)
    return sum(int(gone or 0) + int(rows or 0) * int(loops or 0)
               for rows, loops, gone in _READ.findall(plan))  # fmt: skip


def _said(query: Query) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    real = peewee.Database.execute_sql

    def noted(self: Any, sql: str, params: Any = None, *rest: Any) -> Any:
        if sql.startswith("SELECT"):
            found.append((sql, params))
        return real(self, sql, params, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peewee.Database, "execute_sql", noted)
        query()
    return found


def _steps(db: Any, query: Query) -> int:
    steps = 0

    def stepped() -> int:
        nonlocal steps
        steps += 100
        return 0

    db.connection().set_progress_handler(stepped, 100)
    query()
    db.connection().set_progress_handler(None, 0)
    return steps


def _empty(db: Any) -> None:
    """Empty the tables by TRUNCATE: deleting rows takes longer than the test on servers."""
    names = [table._meta.table_name for table in (*FILLED, VisitDay, SalesDay, ProductDay)]
    if isinstance(db, peewee.MySQLDatabase):
        db.execute_sql("SET foreign_key_checks = 0")
        for name in names:
            db.execute_sql(f"TRUNCATE TABLE {name}")
        db.execute_sql("SET foreign_key_checks = 1")
    elif not is_sqlite():
        db.execute_sql(f"TRUNCATE {', '.join(names)} CASCADE")
