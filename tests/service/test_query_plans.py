"""Frequent queries of pages and campaigns use an index on SQLite, however long the history.

SQLite plans without statistics: for a state and a time it may choose the index on states and read
a year of finished rows. Therefore these tests check its plans, with lists of the largest length.
The servers plan with statistics.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain import (
    aftersales,
    approvals,
    catalog,
    distribution,
    ledger,
    members,
    orders,
    overview,
    payments,
    promotions,
    push,
    reconcile,
    service_desk,
)  # fmt: skip
from domain.ledger import Posting, merchant_account
from domain.payouts import brakes
from domain.push.audience import people_after
from kernel import clock
from kernel.finding import Sought
from kernel.store import is_sqlite
from kernel.store.sqlite import EmbeddedDatabase
from models import Delivery, Member, PushCampaign, WechatIdentity
from tests.factories.members import APPID

LONG = 500
GROWING = {
    "mall_order", "order_line", "payment", "refund", "pay_notice", "commission", "binding",
    "delivery", "visit_day", "stock_move", "ledger_transfer", "member", "wechat_identity",
    "withdrawal", "payout_bill", "payout_log", "money_call", "bill_line", "after_sale", "parcel",
    "service_ticket", "address", "payee",
}  # fmt: skip
FINDERS = (
    orders.find_orders, aftersales.find_cases, payments.find_payments, payments.find_refunds,
    distribution.find_withdrawals, reconcile.find_differences, catalog.find_products,
    distribution.find_distributors, members.find_members, service_desk.find_tickets,
    push.find_campaigns, promotions.find_offers, approvals.find_proposals,
)  # fmt: skip
_TABLE = re.compile(r'"(\w+)" AS "(\w+)"')
Said = list[tuple[str, Any]]


@pytest.fixture
def said(db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """All executed SELECTs with their parameters."""
    if not is_sqlite():
        pytest.skip("servers plan by statistics")
    found: Said = []
    real = EmbeddedDatabase.execute_sql

    def noted(self: Any, sql: str, params: Any = None, *rest: Any) -> Any:
        if sql.startswith("SELECT"):
            found.append((sql, params))
        return real(self, sql, params, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedDatabase, "execute_sql", noted)
        yield found


def _plans(db: Any, said: Said) -> Iterator[tuple[str, str, str]]:
    """Each step of each plan: the table, SQLite's operation, and the query."""
    for sql, params in list(said):
        names = {alias: table for table, alias in _TABLE.findall(sql)}
        for row in db.execute_sql("EXPLAIN QUERY PLAN " + sql, params).fetchall():
            verb, _, rest = str(row[3]).partition(" ")
            table = rest.split(" ")[0]
            yield names.get(table, table), f"{verb} {rest}", f"{sql} {params}"


def _year_round() -> None:
    now = clock.now()
    overview.todo()
    overview.list_days(60)
    overview.list_best_sellers(now - timedelta(days=30))
    overview.list_troubles()
    distribution.merchant_figures()
    distribution.distributor_figures(1)
    distribution.place_this_month(1)
    distribution.list_waiting_commission(1)
    orders.order_counts()
    orders.list_orders(orders.OrderFilter(tab="done"))


def _searches() -> None:
    """Run the search of the merchant's pages for each kind of input."""
    numbers = ("ORD26113", "PAY2611300000000000AB", "13800138000", "8000", "审批 7")
    words = (*numbers, "林小满", "陈酿")
    for each in map(Sought.of, words):
        for find in FINDERS:
            find(each, 10)
        for ids in (
            aftersales.ids_of_cases, payments.ids_of_refunds, distribution.ids_of_withdrawals,
        ):  # fmt: skip
            ids(each, 10)


def _audiences() -> None:
    for kind in ("all", "distributors", "buyers", "never_bought"):
        people_after({"kind": kind, "days": 30}, 0, LONG, is_promotion=True)


@pytest.mark.parametrize("ask", [_year_round, _audiences, _searches])
def test_no_growing_table_is_scanned(db: Any, said: Said, ask: Callable[[], None]) -> None:
    ask()
    assert said
    for table, step, asked in _plans(db, said):
        if "(0 = 1)" in asked:  # an empty list of ids reads no row
            continue
        is_page = (
            "ORDER BY" in asked and "LIMIT" in asked
        )  # such a scan ends when the page is full
        assert not (step.startswith("SCAN") and table in GROWING and not is_page), (step, asked)


def test_sales_are_found_by_time_not_by_state(db: Any, said: Said) -> None:
    _year_round()
    steps = [(step, asked) for table, step, asked in _plans(db, said) if table == "mall_order"]
    assert any("order_paid_at" in step for step, _ in steps)
    for step, asked in steps:
        assert not ("'completed'" in asked and "order_state" in step), (step, asked)


def test_the_hourly_ledger_check_reads_open_days_only(db: Any, said: Said) -> None:
    ledger.post(
        [Posting("k", merchant_account("fees"), merchant_account("sales"), 1, "x")], "test", 1
    )
    said.clear()
    ledger.check_open_days()
    ledger.balance(merchant_account("sales"))
    steps = [step for table, step, _ in _plans(db, said) if table == "ledger_transfer"]
    assert len(steps) >= 4
    assert all("created_at>" in step for step in steps), steps


def test_a_payout_reads_bookings_of_today_only(db: Any, said: Said) -> None:
    brakes.check_ledger()
    said.clear()
    assert brakes.why_payout_waits(1, 100) is None
    for table, wanted in (("ledger_transfer", "created_at>"), ("payout_bill", "sent_at>")):
        steps = [step for found, step, _ in _plans(db, said) if found == table]
        assert steps
        by_person = [step for step in steps if "(payee_id=?)" in step or "payee_id=? AND" in step]
        assert len(by_person) == (table == "payout_bill")
        assert all(wanted in step for step in steps), steps


def test_a_page_is_read_by_index_without_sorting(db: Any, said: Said) -> None:
    distribution.list_customers(1)
    distribution.list_commission_of_member(1)
    orders.list_orders_of_member(1, "all")
    orders.list_orders(orders.OrderFilter())
    orders.list_orders(orders.OrderFilter(tab="done"))
    assert len(said) >= 5
    for _, step, asked in _plans(db, said):
        assert "TEMP B-TREE FOR ORDER BY" not in step, asked


def test_a_week_of_promotions_is_looked_up_by_person(db: Any, said: Said) -> None:
    now = clock.now()
    Member.insert_many(
        [{"id": n, "public_no": f"P{n}", "created_at": now} for n in range(1, LONG + 1)]
    ).execute()
    WechatIdentity.insert_many(
        [{"member": n, "appid": APPID, "openid": f"o{n}"} for n in range(1, LONG + 1)]
    ).execute()
    campaign = PushCampaign.create(
        title="新品", carrier="template", is_promotion=True, content={}, audience={},
        created_by="staff:1", created_at=now,
    )  # fmt: skip
    Delivery.create(campaign=campaign, member=7, openid="o7", state="sent", at=now)
    people = people_after({"kind": "all"}, 0, LONG, is_promotion=True)
    assert {p.member_id: p.sent_this_week for p in people if p.sent_this_week} == {7: 1}
    steps = [step for table, step, _ in _plans(db, said) if table == "delivery"]
    assert steps
    assert all("delivery_member_id_at" in step for step in steps), steps


def test_a_place_among_sellers_reads_the_month_only(db: Any, said: Said) -> None:
    distribution.place_this_month(1)
    steps = [
        step for table, step, asked in _plans(db, said)
        if table == "mall_order" and "ahead" in asked
    ]  # fmt: skip
    assert steps
    assert all("COVERING INDEX order_paid_at" in step for step in steps), steps
