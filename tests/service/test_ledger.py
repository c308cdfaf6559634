"""The ledger: bounds, keys, order of updates, and the check that finds faults."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import IntegrityError

from domain import ledger
from domain.ledger import Posting, member_account, merchant_account
from domain.ledger.errors import AlreadyBooked, BalanceTooLow
from kernel.errors import Conflict
from kernel.store import Store
from models import Account, LedgerTransfer

EXPENSE = merchant_account("commission_expense")
PENDING = member_account("commission_pending", 7)
AVAILABLE = member_account("available", 7)
DEBT = member_account("debt", 7)


def _earn(amount_fen: int, key: str = "commission:1:1") -> None:
    ledger.post([Posting(key, EXPENSE, PENDING, amount_fen, "commission")], "line", 1)


def test_a_posting_moves_the_amount(db: Any) -> None:
    _earn(1230)
    assert ledger.balance(PENDING) == 1230
    assert ledger.balance(EXPENSE) == -1230
    assert ledger.check_fully().faults == []


def test_a_bounded_account_never_leaves_its_bound(db: Any) -> None:
    _earn(100)
    with pytest.raises(BalanceTooLow), db.atomic():
        ledger.post([Posting("x", PENDING, AVAILABLE, 101, "release")], "line", 1)
    assert ledger.balance(PENDING) == 100
    assert ledger.balance(AVAILABLE) == 0
    assert LedgerTransfer.select().count() == 1


def test_debt_is_bounded_from_above(db: Any) -> None:
    _earn(100)
    with pytest.raises(BalanceTooLow), db.atomic():
        ledger.post([Posting("x", PENDING, DEBT, 1, "release")], "line", 1)
    ledger.post([Posting("owe", DEBT, EXPENSE, 30, "back")], "line", 1)
    assert ledger.balance(DEBT) == -30
    ledger.post([Posting("pay", PENDING, DEBT, 30, "release")], "line", 1)
    assert ledger.balance(DEBT) == 0
    assert ledger.check_fully().is_clean


def test_the_same_event_is_booked_once(db: Any) -> None:
    _earn(100)
    with pytest.raises(AlreadyBooked), db.atomic():
        _earn(100)
    assert ledger.balance(PENDING) == 100
    assert ledger.is_booked("commission:1:1")
    assert not ledger.is_booked("commission:1:2")


async def test_an_account_of_a_rolled_back_verb_is_created_again(store: Store) -> None:
    bank = merchant_account("bank_clearing")

    def book(key: str, *, is_undone: bool = False) -> None:
        ledger.post([Posting(key, EXPENSE, bank, 5, "test")], "line", 1)
        if is_undone:
            raise Conflict("undone")

    with pytest.raises(Conflict):
        await store.write(book, "a", is_undone=True)
    await store.write(book, "b")
    await store.write(book, "c")
    assert await store.read(ledger.balance, bank) == 10


async def test_a_ledger_replaced_under_a_running_process_is_booked_correctly(store: Store) -> None:
    await store.write(_earn, 100)
    await store.write(lambda: (LedgerTransfer.delete().execute(), Account.delete().execute()))
    with pytest.raises(IntegrityError) as refused:
        await store.write(_earn, 30)
    assert not isinstance(refused.value, AlreadyBooked)
    await store.write(_earn, 30)
    assert await store.read(ledger.balance, EXPENSE) == -30
    assert (await store.read(ledger.check_fully)).is_clean


def test_many_postings_are_inserted_by_several_statements(db: Any) -> None:
    people = [member_account("available", n) for n in range(1, 26)]
    ledger.post([Posting(f"k{p.owner_id}", EXPENSE, p, 4, "x") for p in people], "line", 1)
    assert LedgerTransfer.select().count() == 25
    assert ledger.balance(EXPENSE) == -100
    with pytest.raises(AlreadyBooked), db.atomic():
        ledger.post([Posting(f"k{n}", EXPENSE, people[0], 4, "x") for n in (99, 25)], "line", 1)


def test_the_bound_applies_to_the_sum_of_a_verb_s_postings(db: Any) -> None:
    through = [
        Posting("out", PENDING, AVAILABLE, 50, "release"),
        Posting("in", EXPENSE, PENDING, 50, "commission"),
    ]
    ledger.post(through, "line", 1)
    assert (ledger.balance(PENDING), ledger.balance(AVAILABLE)) == (0, 50)


def test_entries_page_newest_first_with_signs(db: Any) -> None:
    for n in range(5):
        _earn(10 + n, f"k{n}")
    ledger.post([Posting("r", PENDING, AVAILABLE, 60, "release")], "line", 1)
    first = ledger.list_entries(PENDING, limit=2)
    assert [e.amount_fen for e in first] == [-60, 14]
    rest = ledger.list_entries(PENDING, before_id=first[-1].id)
    assert [e.amount_fen for e in rest] == [13, 12, 11, 10]


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("stored", ["commission_pending:7 stores 99, its transfers say 100"]),
        ("bound", ["commission_pending:7 stores 100, its transfers say -400",
                   "commission_pending:7 is out of its bound: -400"]),
        ("transfer", ["commission_pending:7 stores 100, its transfers say 0"]),
        ("crossing", ["transfer 2 crosses books"]),
        ("kind", ["points_spent:0 is of no known kind"]),
    ],
)  # fmt: skip
def test_the_check_finds_each_kind_of_fault(db: Any, broken: str, found: list[str]) -> None:
    _earn(100)
    if broken == "stored":
        Account.update(balance_fen=99).where(Account.kind == "commission_pending").execute()
    elif broken == "bound":
        _forge(_row(PENDING), _row(EXPENSE), 500)
    elif broken == "transfer":
        LedgerTransfer.delete().execute()
    elif broken == "crossing":
        taker = Account.insert(kind="sales", book="POINTS").execute()
        found = [f"transfer {_forge(_row(EXPENSE), taker, 500)} crosses books"]
    else:
        Account.insert(kind="points_spent", book="CNY").execute()
    assert [str(fault) for fault in ledger.check_fully().faults] == found


def _forge(giver: Any, taker: Any, fen: int) -> int:
    made = LedgerTransfer.insert(
        idem_key="forged",
        book="CNY",
        from_account=giver,
        to_account=taker,
        amount_fen=fen,
        reason="x",
        source_type="x",
        source_id=1,
        created_at=LedgerTransfer.get().created_at,
    )
    return int(made.execute())


def _row(ref: ledger.AccountRef) -> int:
    return int(Account.get(Account.kind == ref.kind).id)


def test_an_account_kind_has_to_fit_its_owner() -> None:
    with pytest.raises(ValueError, match="bounded"):
        merchant_account("available")
    with pytest.raises(ValueError, match="no such"):
        member_account("wallet", 1)
