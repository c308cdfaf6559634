"""Sealed days of the ledger: when they are sealed, late bookings, and checks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain import ledger, payouts
from domain.ledger import Posting, member_account, merchant_account
from domain.payouts.brakes import why_payouts_stopped
from kernel import clock
from kernel.store import Store
from models import Account, LedgerDay, LedgerMark, LedgerSum, LedgerTransfer
from tests.factories.distribution import pass_time

CASES = yaml.safe_load((Path(__file__).parents[1] / "golden" / "sealing.yaml").read_text())
EXPENSE = merchant_account("commission_expense")
PENDING = member_account("commission_pending", 7)


def _earn(key: str, fen: int = 100) -> None:
    ledger.post([Posting(key, EXPENSE, PENDING, fen, "commission")], "line", 1)


def _be_at(text: str) -> None:
    at = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=clock.SHANGHAI)
    clock.set_offset(at - clock.system_now())


async def _three_days(store: Store) -> None:
    """Make bookings on three days, of which two are sealed."""
    for day in (1, 2, 3):
        _be_at(f"2026-11-0{day} 09:00")
        await store.write(_earn, f"k{day}", day * 100)
    assert await ledger.seal_due(store) == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_days_are_sealed_as_documented(store: Store, case: dict[str, Any]) -> None:
    if "first" in case:
        _be_at(case["first"])
        await store.write(_earn, "first")
    _be_at(case["now"])
    assert await ledger.seal_due(store) == len(case["sealed"])
    sealed = LedgerMark.get_or_none(LedgerMark.name == "sealed")
    if case["sealed"]:
        assert sealed.at == clock.day_start(case["sealed"][-1] + timedelta(days=1))
        assert {row.day for row in LedgerDay.select()} == {case["first"][:10]}
    else:
        assert sealed is None
    if "own" in case:
        _be_at(case["own"])
        await store.write(_earn, "later")
        at = LedgerTransfer.get(LedgerTransfer.idem_key == "later").created_at
        assert at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") == case["booked"]
    assert ledger.check_open_days().faults == []
    assert ledger.check_fully().faults == []


async def test_a_balance_is_the_sum_of_sealed_and_open_days(store: Store) -> None:
    await _three_days(store)
    assert {(r.day, r.came_fen, r.went_fen) for r in LedgerDay.select()} == {
        ("2026-11-01", 100, 0), ("2026-11-01", 0, 100),
        ("2026-11-02", 200, 0), ("2026-11-02", 0, 200),
    }  # fmt: skip
    assert sorted((r.came_fen, r.went_fen) for r in LedgerSum.select()) == [(0, 300), (300, 0)]
    assert await store.read(ledger.balance, EXPENSE) == -600
    found = await store.read(ledger.check_open_days)
    assert (found.faults, found.transfers, found.accounts) == ([], 1, 2)
    assert await ledger.seal_due(store) == 0


async def test_both_checks_find_a_fault_of_today(store: Store) -> None:
    await _three_days(store)
    Account.update(balance_fen=599).where(Account.kind == PENDING.kind).execute()
    said = ["commission_pending:7 stores 599, its transfers say 600"]
    for found in (ledger.check_open_days(), ledger.check_fully()):
        assert [str(fault) for fault in found.faults] == said


def _tamper(what: str) -> None:
    old = LedgerTransfer.idem_key == "k1"
    if what == "entry":
        LedgerTransfer.update(amount_fen=90).where(old).execute()
    elif what == "removed":
        LedgerTransfer.delete().where(old).execute()
    elif what == "moved":
        other = LedgerTransfer.get(LedgerTransfer.idem_key == "k2").created_at
        LedgerTransfer.update(created_at=other).where(old).execute()
    elif what == "day":
        LedgerDay.update(came_fen=999).where(LedgerDay.came_fen == 100).execute()
    elif what == "forged":
        LedgerDay.insert(account_id=1, day="2026-12-24", came_fen=5, went_fen=0).execute()
    else:
        LedgerSum.delete().execute()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("entry", "commission_pending:7 stores 600, its transfers say 590"),
        ("entry", "in 100 out 0, its transfers say in 90 out 0"),
        ("removed", "in 100 out 0, its transfers say in 0 out 0"),
        ("moved", "sealed day 2026-11-02, account"),
        ("day", "in 999 out 0, its transfers say in 100 out 0"),
        ("forged", "sealed day 2026-12-24, account 1: in 5 out 0"),
        ("sum", "differs from its sealed days"),
    ],
)
async def test_the_full_check_names_changed_rows_and_stops_payouts(
    store: Store, what: str, said: str
) -> None:
    await _three_days(store)
    await store.write(_tamper, what)
    if what != "sum":
        assert (await store.read(ledger.check_open_days)).faults == []
    found = await store.report(ledger.check_fully)
    assert any(said in str(fault) for fault in found.faults), found.faults
    await store.write(payouts.record_ledger_check, found)
    assert payouts.payout_stop().is_stopped
    await store.write(payouts.check_ledger)
    await store.write(payouts.resume_payouts, "staff:1")
    stays = await store.read(why_payouts_stopped)
    assert stays is not None
    assert stays.code == "book_unchecked"


async def test_a_finding_of_the_full_check_is_cleared_by_a_full_check_only(store: Store) -> None:
    await _three_days(store)
    await store.write(_tamper, "day")
    await store.write(payouts.record_ledger_check, await store.report(ledger.check_fully))
    LedgerDay.update(came_fen=100).where(LedgerDay.came_fen == 999).execute()
    await store.write(payouts.resume_payouts, "staff:1")
    assert await store.read(why_payouts_stopped) is not None
    await store.write(payouts.record_ledger_check, await store.report(ledger.check_fully))
    assert await store.read(why_payouts_stopped) is None


async def test_bookings_after_the_clock_was_set_back_are_consistent(store: Store) -> None:
    await _three_days(store)
    pass_time(days=-20)
    await store.write(_earn, "back")
    assert (await store.read(ledger.check_open_days)).faults == []
    assert (await store.read(ledger.check_fully)).faults == []
    assert await store.read(ledger.balance, EXPENSE) == -700
