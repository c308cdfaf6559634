"""Reads of the book, and its doctor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from domain.ledger.rules import BOUNDS, AccountRef, Bound
from domain.ledger.service import find_account
from models import Account, LedgerTransfer


@dataclass(frozen=True)
class Entry:
    """A transfer as one account sees it: ``amount_fen`` is negative when it went out."""

    id: int
    at: datetime
    amount_fen: int
    reason: str
    source_type: str
    source_id: int
    key: str


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor found; ``faults`` is empty when the book is right."""

    accounts: int
    transfers: int
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True if nothing differs."""
        return not self.faults


def balance(ref: AccountRef) -> int:
    """The balance of an account in fen; 0 before its first use."""
    account = find_account(ref)
    if account is None:
        return 0
    if ref.bound is not Bound.NONE:
        return int(account.balance_fen)
    return _added_up(account.id)


def member_balances(kinds: Sequence[str], member_ids: Iterable[int]) -> dict[tuple[str, int], int]:
    """What many members' accounts hold, by kind and member; those never used are not there."""
    owners = list(member_ids)
    found = Account.select(Account.kind, Account.owner_id, Account.balance_fen).where(
        Account.kind.in_(list(kinds)) & Account.owner_id.in_(owners)
    )
    return {(row.kind, row.owner_id): int(row.balance_fen) for row in found}


def entries(ref: AccountRef, *, before_id: int | None = None, limit: int = 20) -> list[Entry]:
    """An account's transfers, newest first, a page at a time."""
    account = find_account(ref)
    if account is None:
        return []
    mine = (LedgerTransfer.from_account == account.id) | (LedgerTransfer.to_account == account.id)
    query = LedgerTransfer.select().where(mine)
    if before_id is not None:
        query = query.where(LedgerTransfer.id < before_id)
    return [
        Entry(
            id=t.id,
            at=t.created_at,
            amount_fen=t.amount_fen if t.to_account_id == account.id else -t.amount_fen,
            reason=t.reason,
            source_type=t.source_type,
            source_id=t.source_id,
            key=t.idem_key,
        )
        for t in query.order_by(LedgerTransfer.id.desc()).limit(limit)
    ]


def doctor() -> Diagnosis:
    """Re-add both sides of the book and name every difference.

    Balances and sums come from one statement, which sees one moment of the book: what is booked
    between two statements would look like a difference, and a difference stops all payouts.
    """
    accounts = _re_added()
    faults: list[str] = []
    for account in accounts:
        faults += _faults_of(account, int(account.came) - int(account.went))
    faults += [f"transfer {number} crosses books" for number in _crossing()]
    if sum(int(a.came) for a in accounts) != sum(int(a.went) for a in accounts):
        faults.append("what came in and what went out differ")
    return Diagnosis(len(accounts), LedgerTransfer.select().count(), faults)


def _re_added() -> list[Any]:
    """Every account with the sums of what ``came`` and ``went``, as they stand at one moment."""
    came = _sums(LedgerTransfer.to_account, "came")
    went = _sums(LedgerTransfer.from_account, "went")
    columns = (
        Account.id, Account.kind, Account.owner_id, Account.owner_code, Account.balance_fen,
        fn.COALESCE(came.c.total, 0).alias("came"), fn.COALESCE(went.c.total, 0).alias("went"),
    )  # fmt: skip
    return list(
        Account.select(*columns)
        .join(came, JOIN.LEFT_OUTER, on=(Account.id == came.c.account))
        .switch(Account)
        .join(went, JOIN.LEFT_OUTER, on=(Account.id == went.c.account))
        .objects()
    )


def _faults_of(account: Account, total: int) -> list[str]:
    name = f"{account.kind}:{account.owner_id}{account.owner_code}"
    bound = BOUNDS.get(account.kind)
    if bound is None:
        return [f"{name} is of no known kind"]
    faults = []
    if bound is not Bound.NONE and account.balance_fen != total:
        faults.append(f"{name} stores {account.balance_fen}, its transfers say {total}")
    if not bound.allows(total):
        faults.append(f"{name} is out of its bound: {total}")
    return faults


def _sums(side: Any, name: str) -> Any:
    """What each account got, or gave; for a join."""
    total = fn.SUM(LedgerTransfer.amount_fen).alias("total")
    return LedgerTransfer.select(side.alias("account"), total).group_by(side).alias(name)


def _crossing() -> list[int]:
    """Transfers from an account of one book to an account of another."""
    giver, taker = Account.alias("giver"), Account.alias("taker")
    rows: Any = (
        LedgerTransfer.select(LedgerTransfer.id)
        .join(giver, on=(LedgerTransfer.from_account == giver.id))
        .switch(LedgerTransfer)
        .join(taker, on=(LedgerTransfer.to_account == taker.id))
        .where(giver.book != taker.book)
        .order_by(LedgerTransfer.id)
        .tuples()
    )
    return [number for (number,) in rows]


def _added_up(account_id: int) -> int:
    """What came less what went, by one statement: two would see two moments."""
    amount = fn.COALESCE(fn.SUM(LedgerTransfer.amount_fen), 0)
    came = LedgerTransfer.select(amount).where(LedgerTransfer.to_account == account_id)
    out = LedgerTransfer.alias("out")
    gone = fn.COALESCE(fn.SUM(out.amount_fen), 0)
    went = out.select(gone).where(out.from_account == account_id)
    both = Account.select(came.alias("came"), went.alias("went"))
    rows: Any = both.where(Account.id == account_id).tuples()
    ((into, from_it),) = rows
    return int(into) - int(from_it)
